// Command ${{ values.name }} runs once, does what there is to do, and ends; its exit code says whether that went well.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	summary, err := run(ctx, samples())
	log.Info("finished", "done", summary.Done, "left", summary.Left)
	if err != nil {
		log.Error("failed", "error", err)
		os.Exit(1)
	}
}
