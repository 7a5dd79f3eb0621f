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

func TestRequestsAreMeasured(t *testing.T) {
	s := newService(quiet())
	get(t, s, "/")
	get(t, s, "/nowhere/1")
	get(t, s, "/nowhere/2")
	body := get(t, s, "/metrics").Body.String()
	for _, line := range []string{
		`http_request_duration_seconds_bucket{route="GET /{$}",status="200",le="10"} 1`,
		`http_request_duration_seconds_bucket{route="GET /{$}",status="200",le="+Inf"} 1`,
		`http_request_duration_seconds_count{route="GET /{$}",status="200"} 1`,
		`http_request_duration_seconds_count{route="",status="404"} 2`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("/metrics lacks %s:\n%s", line, body)
		}
	}
}

func TestABucketHoldsWhatTookNoLonger(t *testing.T) {
	r := newRequests()
	for _, took := range []time.Duration{5 * time.Millisecond, 6 * time.Millisecond, time.Minute} {
		r.observe(series{route: "/", status: 200}, took)
	}
	var text strings.Builder
	r.write(&text)
	for _, line := range []string{
		`_bucket{route="/",status="200",le="0.005"} 1`,
		`_bucket{route="/",status="200",le="0.01"} 2`,
		`_bucket{route="/",status="200",le="10"} 2`,
		`_bucket{route="/",status="200",le="+Inf"} 3`,
		`_sum{route="/",status="200"} 60.011`,
	} {
		if !strings.Contains(text.String(), line+"\n") {
			t.Errorf("it lacks %s:\n%s", line, text.String())
		}
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
