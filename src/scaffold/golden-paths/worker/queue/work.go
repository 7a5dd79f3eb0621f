package main

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// pause is how long is waited when there is no message, or one has failed.
var pause = time.Second

// handle does what this worker is for. It may be called again with the same message.
func handle(_ context.Context, log *slog.Logger, message []byte) error {
	log.Info("message", "bytes", len(message))
	return nil
}

// work takes messages until ctx ends; the one at hand is finished first.
func work(ctx context.Context, log *slog.Logger, queue Queue,
	handle func(context.Context, *slog.Logger, []byte) error, heartbeat string) {
	for ctx.Err() == nil {
		if err := os.WriteFile(heartbeat, nil, 0o600); err != nil {
			log.Error("no heartbeat", "error", err)
		}
		message, err := queue.Take()
		if err != nil {
			log.Error("cannot take a message", "error", err)
		}
		if message == nil {
			wait(ctx)
			continue
		}
		if err := handle(context.WithoutCancel(ctx), log, message.Body); err != nil {
			log.Error("failed", "message", message.ID, "error", err)
			if err := queue.Return(message); err != nil {
				log.Error("cannot return a message", "message", message.ID, "error", err)
			}
			wait(ctx)
			continue
		}
		if err := queue.Done(message); err != nil {
			log.Error("cannot finish a message", "message", message.ID, "error", err)
		}
	}
}

func wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
