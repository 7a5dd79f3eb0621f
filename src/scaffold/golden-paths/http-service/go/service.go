package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// service is everything that answers. Add your routes in newService.
type service struct {
	mux      *http.ServeMux
	log      *slog.Logger
	ready    atomic.Bool
	requests *requests
}

func newService(log *slog.Logger) *service {
	s := &service{mux: http.NewServeMux(), log: log, requests: newRequests()}
	s.mux.HandleFunc("GET /{$}", s.hello)
	s.mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, "ok\n") })
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.HandleFunc("GET /metrics", s.metrics)
	return s
}

// ServeHTTP measures and logs; probes are not logged.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	counted := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.mux.ServeHTTP(counted, r)
	took := time.Since(start)
	// A route, and no path: there are as few of them as there are patterns.
	s.requests.observe(series{route: r.Pattern, status: counted.status}, took)
	switch r.URL.Path {
	case "/livez", "/readyz", "/metrics":
	default:
		s.log.Info("request", "method", r.Method, "path", r.URL.Path, "status", counted.status,
			"milliseconds", took.Milliseconds())
	}
}

func (s *service) hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"service": "${{ values.name }}"})
}

func (s *service) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	answer(w, "ok\n")
}

func (s *service) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	s.requests.write(w)
}

func answer(w http.ResponseWriter, text string) {
	_, _ = w.Write([]byte(text))
}

// recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
