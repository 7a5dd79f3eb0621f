package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func filled(t *testing.T, messages ...string) (Queue, string) {
	t.Helper()
	path := t.TempDir()
	queue, err := openDirectory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range messages {
		if err := os.WriteFile(filepath.Join(path, message), []byte(message), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return queue, path
}

func TestEveryMessageIsHandledOnce(t *testing.T) {
	queue, path := filled(t, "a", "b")
	ctx, stop := context.WithCancel(context.Background())
	var seen string
	work(ctx, quiet(), queue, func(_ context.Context, _ *slog.Logger, body []byte) error {
		seen += string(body)
		if seen == "ab" {
			stop()
		}
		return nil
	}, filepath.Join(t.TempDir(), "heartbeat"))
	if seen != "ab" {
		t.Errorf("handled %q", seen)
	}
	if left, _ := os.ReadDir(path); len(left) != 0 {
		t.Errorf("%d messages are left", len(left))
	}
}

func TestAMessageThatFailsComesBack(t *testing.T) {
	defer func(before time.Duration) { pause = before }(pause)
	pause = time.Millisecond
	queue, _ := filled(t, "a")
	ctx, stop := context.WithCancel(context.Background())
	turns := 0
	work(ctx, quiet(), queue, func(context.Context, *slog.Logger, []byte) error {
		if turns++; turns == 2 {
			stop()
			return nil
		}
		return errors.New("not now")
	}, filepath.Join(t.TempDir(), "heartbeat"))
	if turns != 2 {
		t.Errorf("handled %d times", turns)
	}
}

func TestAMessageBelongsToOneWorker(t *testing.T) {
	queue, _ := filled(t, "a")
	if message, err := queue.Take(); message == nil || err != nil {
		t.Fatalf("takes %v, %v", message, err)
	}
	if message, err := queue.Take(); message != nil || err != nil {
		t.Errorf("takes %v, %v again", message, err)
	}
}

func TestHeartbeat(t *testing.T) {
	heartbeat := filepath.Join(t.TempDir(), "heartbeat")
	if check(heartbeat, time.Now()) == nil {
		t.Error("healthy without a heartbeat")
	}
	queue, _ := filled(t)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	work(ctx, quiet(), queue, handle, heartbeat)
	if err := check(heartbeat, time.Now()); err != nil {
		t.Error(err)
	}
	if check(heartbeat, time.Now().Add(2*stale)) == nil {
		t.Error("healthy with a heartbeat of long ago")
	}
}
