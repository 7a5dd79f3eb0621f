// Command ${{ values.name }} answers HTTP until it is told to stop, and then lets its callers go first.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", ":"+setting("PORT", "8080"))
	if err != nil {
		log.Error("cannot listen", "error", err)
		os.Exit(1)
	}
	drain, err := strconv.Atoi(setting("DRAIN_SECONDS", "5"))
	if err != nil {
		log.Error("DRAIN_SECONDS is no number", "error", err)
		os.Exit(1)
	}
	if err := serve(ctx, log, listener, time.Duration(drain)*time.Second); err != nil {
		log.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// serve answers until ctx ends. Then it says for a while that it is not ready, so that no new requests are sent here, and
// finishes those that it has.
func serve(ctx context.Context, log *slog.Logger, listener net.Listener, drain time.Duration) error {
	service := newService(log)
	server := &http.Server{
		Handler:           service,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	service.ready.Store(true)
	log.Info("ready", "address", listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	service.ready.Store(false)
	log.Info("draining", "seconds", drain.Seconds())
	time.Sleep(drain)
	finish, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	err := server.Shutdown(finish)
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}
