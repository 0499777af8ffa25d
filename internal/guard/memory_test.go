package guard

import (
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stempel/internal/guard/guardtest"
	"stempel/internal/loyalty"
)

// go-redis goes on dialling a server that was gone, once a second, and ends when it
// then finds the client closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// clock is a time that passes when told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestMemory(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, func(*testing.T) (guardtest.Guard, func(time.Duration)) {
		clock := newClock()
		return NewMemory(clock.now), clock.advance
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := NewMemory(newClock().now)
	last := guardtest.Outcome(guardtest.Claim(1))
	for range 3*mostOutcomes + 1 {
		last = guardtest.Outcome(guardtest.Claim(1))
		exchange(t, m, []loyalty.Outcome{last}, nil)
	}
	if kept := len(m.outcomes.young) + len(m.outcomes.old); kept > 2*mostOutcomes {
		t.Errorf("%d outcomes kept", kept)
	}
	replay := last.Claim
	replay.Owner[0]++
	if used := exchange(t, m, nil, []loyalty.Claim{replay}); used[0] == nil {
		t.Error("the latest outcome is forgotten")
	}
}

// In its own clock the bucket is exact, which the suite cannot ask of Redis.
func TestMemoryAllow(t *testing.T) {
	t.Parallel()
	clock := newClock()
	m := NewMemory(clock.now)
	steps := []struct {
		after time.Duration
		ok    bool
		retry time.Duration
	}{
		{0, true, 0},
		{0, true, 0},
		{0, true, 0},
		{0, false, 500 * time.Millisecond},
		{0, false, 500 * time.Millisecond}, // a refusal costs nothing
		{400 * time.Millisecond, false, 100 * time.Millisecond},
		{100 * time.Millisecond, true, 0},
		{0, false, 500 * time.Millisecond},
		{time.Hour, true, 0},
		{0, true, 0},
		{0, true, 0},
		{0, false, 500 * time.Millisecond},
	}
	for i, step := range steps {
		clock.advance(step.after)
		ok, retry := m.Allow(t.Context(), "key", 2, 3)
		if retry = retry.Round(time.Millisecond); ok != step.ok || retry != step.retry {
			t.Errorf("step %d: %v %v, want %v %v", i, ok, retry, step.ok, step.retry)
		}
	}
}

// A bucket in use survives its generation: its debt is not forgiven.
func TestMemoryAllowKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	clock := newClock()
	m := NewMemory(clock.now)
	allowed := 0
	const hours = 2
	for range hours * 3600 * 2 {
		if ok, _ := m.Allow(t.Context(), "key", 1, 600); ok {
			allowed++
		}
		clock.advance(time.Second / 2)
	}
	if most := 600 + hours*3600; allowed > most {
		t.Errorf("%d allowed in %d hours, want at most %d", allowed, hours, most)
	}
}

func TestMemoryAllowIsBounded(t *testing.T) {
	t.Parallel()
	m := NewMemory(newClock().now)
	for i := range 3*mostBuckets + 1 {
		if ok, _ := m.Allow(t.Context(), time.Duration(i).String(), 1, 1); !ok {
			t.Fatalf("key %d refused at once", i)
		}
	}
	if kept := len(m.buckets.kept.young) + len(m.buckets.kept.old); kept > 2*mostBuckets {
		t.Errorf("%d buckets kept", kept)
	}
}

func exchange(t testing.TB, g guardtest.Guard, done []loyalty.Outcome, claims []loyalty.Claim) []*loyalty.Outcome {
	t.Helper()
	answered, err := g.Exchange(t.Context(), loyalty.Told{Done: done}, loyalty.Asked{Claims: claims})
	if err != nil {
		t.Fatal(err)
	}
	return answered.Used
}

func BenchmarkMemoryExchange(b *testing.B) {
	benchmarkExchange(b, NewMemory(time.Now))
}

// benchmarkExchange tells of the batch before and claims for a new one, as the
// ledger does when it is busy.
func benchmarkExchange(b *testing.B, g guardtest.Guard) {
	const batch = 32
	done := make([]loyalty.Outcome, batch)
	claims := make([]loyalty.Claim, batch)
	b.ReportAllocs()
	for b.Loop() {
		for i := range batch {
			if claims[i].Action != 0 {
				done[i] = loyalty.Outcome{Claim: claims[i], TillName: "Kasse 2", Entry: loyalty.EntryID{1}, At: time.Unix(1, 0)}
			}
			claims[i] = loyalty.Claim{Nonce: loyalty.Nonce(loyalty.NewID()), Action: loyalty.Earn}
		}
		if _, err := g.Exchange(b.Context(), loyalty.Told{Done: done}, loyalty.Asked{Claims: claims}); err != nil {
			b.Fatal(err)
		}
	}
}
