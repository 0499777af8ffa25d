package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answering is a server that answers with one status after the other; 0 hangs up.
func answering(t *testing.T, statuses ...int) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(int(asked.Add(1)), len(statuses))-1]
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Idempotent-Replayed", "true")
		w.Header().Set("X-Key", r.Header.Get("Idempotency-Key"))
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), asked
}

func TestAskGoesOnUntilADefiniteAnswer(t *testing.T) {
	t.Parallel()
	gone, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	busy, askedBusy := answering(t, 503, 0, 500, 429, 408, 200)
	c := newClient([]string{gone, busy}, 1)
	defer c.close()
	r, err := c.ask(t.Context(), 0, call{path: "/v1/scans", key: "k", body: scanBody{}})
	if err != nil || r.status != 200 || !r.replayed {
		t.Fatalf("got %+v, %v", r, err)
	}
	// net/http itself sends a request again whose connection broke, if it has a key.
	if n := askedBusy.Load(); n < 6 {
		t.Errorf("the busy server was asked %d times", n)
	}
	if c.retries.Load() == 0 {
		t.Error("no retry was counted")
	}
}

func TestARefusalIsDefinite(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 422} {
		address, asked := answering(t, status, 200)
		c := newClient([]string{address}, 1)
		r, err := c.ask(t.Context(), 0, call{path: "/"})
		if err != nil || r.status != status || asked.Load() != 1 {
			t.Errorf("status %d: got %+v, %v after %d requests", status, r, err, asked.Load())
		}
		c.close()
	}
}

func TestAskGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	address, _ := answering(t, 503)
	c := newClient([]string{address}, 1)
	defer c.close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.ask(ctx, 0, call{path: "/"}); !errors.Is(err, errUnsettled) {
		t.Errorf("got %v, want errUnsettled", err)
	}
}
