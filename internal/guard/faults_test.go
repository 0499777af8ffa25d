package guard

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stempel/internal/engines/enginetest"
	"stempel/internal/guard/guardtest"
	"stempel/internal/loyalty"
)

// fails exchanges and wants what a ledger must be able to live with: an error,
// and an answer of nil for every claim.
func fails(t *testing.T, r *Redis) error {
	t.Helper()
	claims := []loyalty.Claim{guardtest.Claim(1), guardtest.Claim(2)}
	answered, err := r.Exchange(t.Context(), loyalty.Told{Done: []loyalty.Outcome{guardtest.Outcome(claims[0])}}, loyalty.Asked{Claims: claims})
	used := answered.Used
	if err == nil {
		t.Error("no error")
	}
	if len(used) != len(claims) || used[0] != nil || used[1] != nil {
		t.Errorf("%v: answers %v", err, used)
	}
	return err
}

// recovers lets seconds pass until Redis is asked and answers.
func recovers(t *testing.T, r *Redis, clock *clock) {
	t.Helper()
	for {
		clock.advance(breakerRest)
		if !r.Degraded() {
			return
		}
		time.Sleep(10 * time.Millisecond) // the server's
	}
}

func replayOf(o loyalty.Outcome) []loyalty.Claim {
	c := o.Claim
	c.Owner[0]++
	return []loyalty.Claim{c}
}

func TestRedisKilledAndRestarted(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	o := guardtest.Outcome(guardtest.Claim(1))
	if used := exchange(t, r, []loyalty.Outcome{o}, replayOf(o)); used[0] == nil || *used[0] != o {
		t.Fatalf("got %v", used[0])
	}

	server.Kill()
	if err := fails(t, r); errors.Is(err, ErrOpen) {
		t.Error("Redis was not asked")
	}
	if err := fails(t, r); !errors.Is(err, ErrOpen) {
		t.Errorf("Redis was not left alone: %v", err)
	}
	if !r.Degraded() {
		t.Error("not degraded")
	}
	clock.advance(breakerRest)
	if err := fails(t, r); errors.Is(err, ErrOpen) {
		t.Error("Redis was not asked again")
	}
	if missed := r.Missed(); missed != 4 {
		t.Errorf("%d questions missed, want 4", missed)
	}

	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := fails(t, r); !errors.Is(err, ErrOpen) {
		t.Errorf("Redis was not left alone: %v", err)
	}
	recovers(t, r, clock)
	if used := exchange(t, r, nil, replayOf(o)); used[0] != nil {
		t.Errorf("got %v from an empty Redis", *used[0])
	}
	if used := exchange(t, r, []loyalty.Outcome{o}, replayOf(o)); used[0] == nil || *used[0] != o {
		t.Errorf("got %v", used[0])
	}
}

// Whatever happens to Redis while many ask, an answer is the outcome or nil.
func TestRedisInTrouble(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	o := guardtest.Outcome(guardtest.Claim(1))

	ended := make(chan struct{})
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				clock.advance(breakerRest / 10)
				answered, _ := r.Exchange(t.Context(), loyalty.Told{Done: []loyalty.Outcome{o}}, loyalty.Asked{Claims: append(replayOf(o), o.Claim)})
				used := answered.Used
				if len(used) != 2 || used[0] != nil && *used[0] != o || used[1] != nil {
					t.Errorf("got %v", used)
				}
				r.Allow(t.Context(), "till", 1, 1)
			}
		})
	}
	for range 3 {
		server.Kill()
		if err := server.Restart(t.Context()); err != nil {
			t.Error(err)
		}
		recovers(t, r, clock)
		_ = r.client.FlushAll(t.Context()).Err() // may meet a connection from before
	}
	close(ended)
	askers.Wait()
}

func TestRedisFlushed(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.PrivateRedis(t).URL())
	o := guardtest.Outcome(guardtest.Claim(1))
	exchange(t, r, []loyalty.Outcome{o}, nil)
	must(t, r.client.FlushAll(t.Context()).Result)
	if used := exchange(t, r, nil, replayOf(o)); used[0] != nil {
		t.Errorf("got %v from an empty Redis", *used[0])
	}
	exchange(t, r, []loyalty.Outcome{o}, nil)
	if used := exchange(t, r, nil, replayOf(o)); used[0] == nil || *used[0] != o {
		t.Errorf("got %v", used[0])
	}
}

// After a failover a process may still talk to what is now a replica: it answers,
// but it cannot hold claims.
func TestRedisBecomesAReplica(t *testing.T) {
	t.Parallel()
	r, clock := open(t, enginetest.PrivateRedis(t).URL())
	exchange(t, r, nil, []loyalty.Claim{guardtest.Claim(1)})
	must(t, r.client.SlaveOf(t.Context(), "127.0.0.1", "1").Result)
	if err := fails(t, r); !redis.HasErrorPrefix(err, "READONLY") {
		t.Error(err)
	}
	clock.advance(breakerRest)
	if !r.Degraded() {
		t.Error("not degraded")
	}
	must(t, r.client.SlaveOf(t.Context(), "NO", "ONE").Result)
	recovers(t, r, clock)
	exchange(t, r, nil, []loyalty.Claim{guardtest.Claim(1)})
}

func TestRedisGarbage(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.Redis(t))
	t.Cleanup(func() { forget(t, r) })
	o := guardtest.Outcome(guardtest.Claim(1))
	good := string(outcomeValue(&o))
	garbage := map[string]func(ctx context.Context, key string) error{
		"a hash": func(ctx context.Context, key string) error { return r.client.HSet(ctx, key, "a", "b").Err() },
		"a list": func(ctx context.Context, key string) error { return r.client.LPush(ctx, key, "a", "b").Err() },
	}
	for name, text := range map[string]string{
		"nothing": "", "a word": "garbage", "half an outcome": good[:40], "another form": "\x03" + good[1:],
		"a name that is no text": good + "\xff", "megabytes": good + strings.Repeat("x", 2<<20),
	} {
		garbage[name] = func(ctx context.Context, key string) error { return r.client.Set(ctx, key, text, 0).Err() }
	}
	for name, put := range garbage {
		t.Run(name, func(t *testing.T) {
			o := guardtest.Outcome(guardtest.Claim(1))
			if err := put(t.Context(), r.key(o.Claim)); err != nil {
				t.Fatal(err)
			}
			if used := exchange(t, r, nil, replayOf(o)); used[0] != nil {
				t.Errorf("got %v", *used[0])
			}
			if used := exchange(t, r, []loyalty.Outcome{o}, replayOf(o)); used[0] == nil || *used[0] != o {
				t.Errorf("got %v", used[0])
			}
			if err := put(t.Context(), "rate:"+r.prefix+":"+name); err != nil {
				t.Fatal(err)
			}
			if ok, _ := r.Allow(t.Context(), name, 1, 1); !ok {
				t.Error("not allowed")
			}
			if ok, _ := r.Allow(t.Context(), name, 1, 1); ok {
				t.Error("not limited by this process either")
			}
			if missed := r.Missed(); missed != 0 {
				t.Errorf("%d questions missed", missed)
			}
		})
	}
}

func TestRedisLimitsWithoutRedis(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	r.spares.now = clock.now
	server.Kill()
	for i, want := range []bool{true, true, false, false} {
		if ok, retry := r.Allow(t.Context(), "till", 1, 2); ok != want || ok != (retry == 0) {
			t.Errorf("request %d: %v %v, want %v", i, ok, retry, want)
		}
	}
	if ok, _ := r.Allow(t.Context(), "another", 1, 2); !ok {
		t.Error("keys are not apart")
	}
}

// One line when Redis goes and one when it is back, however many ask meanwhile.
func TestRedisLogsOnce(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	var lines strings.Builder
	r.log = slog.New(slog.NewTextHandler(&lines, nil))
	exchange(t, r, nil, []loyalty.Claim{guardtest.Claim(1)})
	server.Kill()
	for range 3 {
		_ = fails(t, r)
		r.Allow(t.Context(), "till", 1, 1)
		clock.advance(breakerRest)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	exchange(t, r, nil, []loyalty.Claim{guardtest.Claim(1)})
	log := lines.String()
	if strings.Count(log, "level=WARN msg=\"guard degraded") != 1 || strings.Count(log, "level=INFO msg=\"guard recovered") != 1 || strings.Count(log, "\n") != 2 {
		t.Errorf("logged:\n%s", log)
	}
	if _, secret, _ := strings.Cut(server.URL(), "://:"); strings.Contains(log, secret[:strings.IndexByte(secret, '@')]) {
		t.Errorf("the password is logged:\n%s", log)
	}
}

// An asker who leaves says nothing about Redis.
func TestRedisAskerLeaves(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.Redis(t))
	t.Cleanup(func() { forget(t, r) })
	left, leave := context.WithCancel(t.Context())
	leave()
	claims := []loyalty.Claim{guardtest.Claim(1)}
	if answered, err := r.Exchange(left, loyalty.Told{}, loyalty.Asked{Claims: claims}); !errors.Is(err, context.Canceled) || answered.Used[0] != nil {
		t.Errorf("got %v, error %v", answered, err)
	}
	exchange(t, r, nil, claims)
}

// While Redis is away, each process counts for itself.
func TestRedisAwayCountsInMemory(t *testing.T) {
	t.Parallel()
	server := enginetest.PrivateRedis(t)
	r, clock := open(t, server.URL())
	server.Kill()
	limit := loyalty.Count{Limit: loyalty.TillPerHour, Of: loyalty.NewID(), Most: 1, Window: time.Hour}
	first, second := guardtest.Paced(1, limit), guardtest.Paced(2, limit)
	ask := func(told loyalty.Told, p loyalty.Paced) loyalty.Reached {
		t.Helper()
		answered, err := r.Exchange(t.Context(), told, loyalty.Asked{Paced: []loyalty.Paced{p}})
		if err == nil {
			t.Error("no error")
		}
		return answered.Reached[0]
	}
	alone := loyalty.Reached{Counted: loyalty.Lifted(0).With(loyalty.TillPerHour), Alone: true}
	if got := ask(loyalty.Told{}, first); got != alone {
		t.Errorf("the first: %+v", got)
	}
	if got := ask(loyalty.Told{}, second); !got.Refuses(&second) {
		t.Errorf("the second: %+v", got)
	}
	undone, _ := alone.Undone(first)
	if got := ask(loyalty.Told{Undone: []loyalty.Paced{undone}}, second); got != alone {
		t.Errorf("the second, after the first came to nothing: %+v", got)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	if got, err := r.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Paced: []loyalty.Paced{first}}); err != nil || got.Reached[0] != (loyalty.Reached{Counted: alone.Counted}) {
		t.Errorf("after Redis came back, empty: %+v, %v", got.Reached[0], err)
	}
}

// What somebody else has put under a key is no reason to refuse, nor to leave Redis
// alone.
func TestRedisStrangePace(t *testing.T) {
	t.Parallel()
	r, _ := open(t, enginetest.Redis(t))
	t.Cleanup(func() { forget(t, r) })
	p := guardtest.Paced(1, loyalty.Count{Limit: loyalty.TillPerHour, Of: loyalty.NewID(), Most: 1, Window: time.Hour})
	must(t, r.client.Set(t.Context(), r.paceKey(&p, &p.Counts[0]), "strange", 0).Result)
	got, err := r.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Paced: []loyalty.Paced{p}})
	if err != nil || got.Reached[0] != (loyalty.Reached{Counted: loyalty.Lifted(0).With(loyalty.TillPerHour), Alone: true}) {
		t.Errorf("got %+v, %v", got.Reached, err)
	}
}
