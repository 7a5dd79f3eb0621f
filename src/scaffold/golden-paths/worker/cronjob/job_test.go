package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func done(context.Context) error { return nil }

func TestSamples(t *testing.T) {
	summary, err := run(context.Background(), samples())
	if err != nil || summary.Left != 0 || summary.Done == 0 {
		t.Errorf("%+v, %v", summary, err)
	}
}

func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	failing := Item{ID: "b", Do: func(context.Context) error { return errors.New("no such thing") }}
	summary, err := run(context.Background(), []Item{{"a", done}, failing, {"c", done}})
	if summary != (Summary{Done: 2, Left: 1}) {
		t.Errorf("%+v", summary)
	}
	if err == nil || !strings.Contains(err.Error(), "b: no such thing") {
		t.Errorf("%v", err)
	}
}

func TestStopsWhenTold(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	first := Item{ID: "a", Do: func(context.Context) error { stop(); return nil }}
	summary, err := run(ctx, []Item{first, {"b", done}})
	if summary != (Summary{Done: 1, Left: 1}) || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", summary, err)
	}
}
