package guard

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stempel/internal/engines/enginetest"
	"stempel/internal/guard/guardtest"
)

func TestRedis(t *testing.T) {
	t.Parallel()
	deployments := []struct {
		name string
		url  func(*testing.T) string
	}{
		{"single", func(t *testing.T) string { return enginetest.Redis(t) }},
		{"sentinel", startSentinel},
		{"cluster", startCluster},
	}
	for _, tt := range deployments {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := tt.url(t)
			guardtest.Run(t, func(t *testing.T) (guardtest.Guard, func(time.Duration)) {
				r, clock := open(t, url)
				t.Cleanup(func() { forget(t, r) })
				return r, func(d time.Duration) { clock.advance(d); age(t, r, d) }
			})
		})
	}
}

// unhurried is the timeout in tests of what Redis says, not of when: a loaded
// machine must not fail them.
const unhurried = time.Minute

// open returns a guard with keys of its own, on a clock that drives its breaker.
func open(t testing.TB, url string) (*Redis, *clock) {
	t.Helper()
	r, err := OpenRedis(url, Prefix("test"+rand.Text()), Log(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	clock := newClock()
	r.breaker.now = clock.now
	r.timeout = unhurried
	return r, clock
}

// age makes the keys of r older: the clock of a real server cannot be set.
func age(t *testing.T, r *Redis, by time.Duration) {
	t.Helper()
	ctx := t.Context()
	for _, key := range keys(ctx, t, r) {
		left := must(t, r.client.PTTL(ctx, key).Result)
		if left <= by {
			must(t, r.client.Del(ctx, key).Result)
			continue
		}
		must(t, r.client.PExpire(ctx, key, left-by).Result)
		if strings.HasPrefix(key, "rate:") {
			// The value of a bucket is the time in seconds at which it is full.
			full := must(t, r.client.Get(ctx, key).Float64)
			earlier := strconv.FormatFloat(full-by.Seconds(), 'f', -1, 64)
			must(t, r.client.Set(ctx, key, earlier, redis.KeepTTL).Result)
		}
	}
}

// forget deletes the keys of r.
func forget(t *testing.T, r *Redis) {
	t.Helper()
	ctx := context.Background() // the test's own is over
	for _, key := range keys(ctx, t, r) {
		must(t, r.client.Del(ctx, key).Result)
	}
}

func keys(ctx context.Context, t *testing.T, r *Redis) (found []string) {
	t.Helper()
	var mu sync.Mutex
	scan := func(ctx context.Context, node *redis.Client) error {
		all := node.Scan(ctx, 0, "*"+r.prefix+"*", 1000).Iterator()
		for all.Next(ctx) {
			mu.Lock()
			found = append(found, all.Val())
			mu.Unlock()
		}
		return all.Err()
	}
	var err error
	switch client := r.client.(type) {
	case *redis.ClusterClient:
		err = client.ForEachMaster(ctx, scan)
	case *redis.Client:
		err = scan(ctx, client)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func must[T any](t *testing.T, do func() (T, error)) T {
	t.Helper()
	value, err := do()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func BenchmarkRedisExchange(b *testing.B) {
	r, _ := open(b, enginetest.PrivateRedis(b).URL()) // it leaves a million keys behind
	benchmarkExchange(b, r)
}
