package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func get(t *testing.T, s *service, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorded := httptest.NewRecorder()
	s.ServeHTTP(recorded, httptest.NewRequest(http.MethodGet, path, nil))
	return recorded
}

func TestRoutes(t *testing.T) {
	s := newService(quiet())
	s.ready.Store(true)
	for path, status := range map[string]int{"/": 200, "/livez": 200, "/readyz": 200, "/metrics": 200, "/nowhere": 404} {
		if got := get(t, s, path).Code; got != status {
			t.Errorf("%s answers %d, want %d", path, got, status)
		}
	}
	if body := get(t, s, "/").Body.String(); !strings.Contains(body, "${{ values.name }}") {
		t.Errorf("/ answers %q", body)
	}
}

func TestIsNotReadyBeforeItServes(t *testing.T) {
	s := newService(quiet())
	if got := get(t, s, "/readyz").Code; got != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d", got)
	}
	if got := get(t, s, "/livez").Code; got != http.StatusOK {
		t.Errorf("/livez answers %d", got)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	s := newService(quiet())
	get(t, s, "/")
	if body := get(t, s, "/metrics").Body.String(); !strings.Contains(body, "http_requests_total 1\n") {
		t.Errorf("/metrics answers %q", body)
	}
}

func TestDrainsBeforeItEnds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, quiet(), listener, 500*time.Millisecond) }()
	url := "http://" + listener.Addr().String() + "/readyz"
	await(t, url, http.StatusOK)
	stop()
	await(t, url, http.StatusServiceUnavailable)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, url string, status int) {
	t.Helper()
	for range 100 {
		response, err := http.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == status {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s never answered %d", url, status)
}
