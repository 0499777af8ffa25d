package apitest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"

	"stempel/internal/guard"
	"stempel/internal/loyalty"
)

// Redis gives a process a guard on a Redis server, under keys that only processes
// with the same prefix share.
func Redis(t testing.TB, url, prefix string) func(*Setup) {
	t.Helper()
	g, err := guard.OpenRedis(url, guard.Prefix(prefix), guard.Log(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatalf("open Redis: %v", err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close Redis: %v", err)
		}
	})
	return func(s *Setup) { s.Guard = g }
}

// Prefix is a fresh one for the keys of a deployment in Redis.
func Prefix() string { return "test-" + rand.Text() }

// Alone gives a process a guard in memory that no other one shares.
func Alone(s *Setup) { s.Guard = guard.NewMemory(s.clock.Now) }

// Unguarded takes the guard away: the database is all there is.
func Unguarded(s *Setup) { s.Guard = deaf{guard.NewMemory(s.clock.Now)} }

// deaf remembers nothing and says nothing.
type deaf struct{ *guard.Memory }

func (deaf) Exchange(_ context.Context, _ loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error) {
	return loyalty.Answered{Used: make([]*loyalty.Outcome, len(asked.Claims)), Reached: make([]loyalty.Reached, len(asked.Paced))}, nil
}
