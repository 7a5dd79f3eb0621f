// Command ${{ values.name }} works through messages until it is told to stop, and finishes the one that it has.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// stale is how old a heartbeat may be. One message must not take longer.
const stale = time.Minute

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	heartbeat := setting("HEARTBEAT", filepath.Join(os.TempDir(), "heartbeat"))
	healthy := flag.Bool("healthy", false, "say whether a worker runs here, for the liveness probe")
	flag.Parse()
	if *healthy {
		if err := check(heartbeat, time.Now()); err != nil {
			log.Error("not healthy", "error", err)
			os.Exit(1)
		}
		return
	}
	queue, err := openDirectory(setting("QUEUE_DIR", filepath.Join(os.TempDir(), "queue")))
	if err != nil {
		log.Error("cannot open the queue", "error", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log.Info("ready")
	work(ctx, log, queue, handle, heartbeat)
	log.Info("stopped")
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// check is an error if the heartbeat is missing or stale.
func check(heartbeat string, now time.Time) error {
	info, err := os.Stat(heartbeat)
	if err != nil {
		return err
	}
	if age := now.Sub(info.ModTime()); age > stale {
		return fmt.Errorf("the last heartbeat was %s ago", age.Round(time.Second))
	}
	return nil
}
