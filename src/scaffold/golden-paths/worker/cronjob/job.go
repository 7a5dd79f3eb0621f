package main

import (
	"context"
	"errors"
	"fmt"
)

// Item is one thing to do. Doing it twice must be as good as once: a run may be cut off and tried again.
type Item struct {
	ID string
	Do func(context.Context) error
}

// Summary is what came of a run.
type Summary struct{ Done, Left int }

// samples is where your own items go: rows that are due, files that have come in.
func samples() []Item {
	return []Item{{ID: "sample", Do: func(context.Context) error { return nil }}}
}

// run does what it can: an item that fails does not keep the others from being done, and a run that is told to stop
// leaves the rest to the next.
func run(ctx context.Context, items []Item) (Summary, error) {
	var summary Summary
	var failures []error
	for index, item := range items {
		if err := ctx.Err(); err != nil {
			summary.Left += len(items) - index
			failures = append(failures, err)
			break
		}
		if err := item.Do(ctx); err != nil {
			summary.Left++
			failures = append(failures, fmt.Errorf("%s: %w", item.ID, err))
			continue
		}
		summary.Done++
	}
	return summary, errors.Join(failures...)
}
