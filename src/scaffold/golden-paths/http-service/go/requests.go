package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"
	"time"
)

// bounds are the upper ends of the buckets, in seconds.
var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// requests is how many there were and how long they took, as a histogram of Prometheus. Once you need more metrics than this, take
// github.com/prometheus/client_golang.
type requests struct {
	mutex sync.Mutex
	taken map[series]*histogram
}

// series is what requests are told apart by.
type series struct {
	route  string
	status int
}

type histogram struct {
	buckets []uint64
	count   uint64
	seconds float64
}

func newRequests() *requests { return &requests{taken: map[series]*histogram{}} }

func (r *requests) observe(of series, took time.Duration) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	h := r.taken[of]
	if h == nil {
		h = &histogram{buckets: make([]uint64, len(bounds))}
		r.taken[of] = h
	}
	if fits := sort.SearchFloat64s(bounds, took.Seconds()); fits < len(bounds) {
		h.buckets[fits]++
	}
	h.count++
	h.seconds += took.Seconds()
}

func (r *requests) write(w io.Writer) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	all := make([]series, 0, len(r.taken))
	for of := range r.taken {
		all = append(all, of)
	}
	slices.SortFunc(all, func(a, b series) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.status, b.status))
	})
	const name = "http_request_duration_seconds"
	fmt.Fprintf(w, "# HELP %s How long requests took, by route and status.\n# TYPE %s histogram\n", name, name)
	for _, of := range all {
		h := r.taken[of]
		labels := fmt.Sprintf("{route=%q,status=\"%d\"", of.route, of.status)
		var below uint64
		for index, bound := range bounds {
			below += h.buckets[index]
			fmt.Fprintf(w, "%s_bucket%s,le=\"%g\"} %d\n", name, labels, bound, below)
		}
		fmt.Fprintf(w, "%s_bucket%s,le=\"+Inf\"} %d\n", name, labels, h.count)
		fmt.Fprintf(w, "%s_sum%s} %g\n", name, labels, h.seconds)
		fmt.Fprintf(w, "%s_count%s} %d\n", name, labels, h.count)
	}
}
