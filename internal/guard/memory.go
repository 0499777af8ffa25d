package guard

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"stempel/internal/loyalty"
)

// mostOutcomes bounds one half of what Memory remembers; both together stay
// below 20 MB. More than that were committed within outcomeLife only on a system
// that has long outgrown one process.
const mostOutcomes = 1 << 15

// Memory guards a single process. Its methods may be called from several
// goroutines.
type Memory struct {
	now     func() time.Time
	buckets *buckets
	paces   *paces

	mu       sync.Mutex
	outcomes generations[spending, loyalty.Outcome]
}

// spending is what can be done once.
type spending struct {
	nonce  loyalty.Nonce
	action loyalty.EntryKind
}

// NewMemory returns an empty guard. now is time.Now, save in tests.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:      now,
		buckets:  newBuckets(now),
		paces:    newPaces(now),
		outcomes: generations[spending, loyalty.Outcome]{life: outcomeLife, most: mostOutcomes},
	}
}

// Exchange is what a Redis would answer; it never fails.
func (m *Memory) Exchange(_ context.Context, told loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error) {
	answered := loyalty.Answered{Used: m.exchange(told.Done, asked.Claims), Reached: make([]loyalty.Reached, len(asked.Paced))}
	for i := range told.Undone {
		m.paces.undo(&told.Undone[i])
	}
	for i := range asked.Paced {
		answered.Reached[i] = m.paces.ask(&asked.Paced[i])
	}
	return answered, nil
}

// exchange remembers outcomes and finds those that answer claims. A claim without an
// outcome changes nobody's answer, so none is kept.
func (m *Memory) exchange(done []loyalty.Outcome, claims []loyalty.Claim) []*loyalty.Outcome {
	used := make([]*loyalty.Outcome, len(claims))
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range done {
		m.outcomes.put(spending{o.Nonce, o.Action}, o, now)
	}
	for i, c := range claims {
		if o, ok := m.outcomes.get(spending{c.Nonce, c.Action}, now); ok && o.Answers(c) {
			used[i] = new(o)
		}
	}
	return used
}

// Allow takes a token from the bucket named key, which holds burst tokens and
// gains perSecond of them a second; both are at least 1. Without a token it
// returns how long until there is one.
func (m *Memory) Allow(_ context.Context, key string, perSecond, burst int) (ok bool, retryAfter time.Duration) {
	return m.buckets.allow(key, rate.Limit(perSecond), burst)
}

// AllowEvery is Allow of a bucket that gains one token in so much time.
func (m *Memory) AllowEvery(_ context.Context, key string, each time.Duration, burst int) (ok bool, retryAfter time.Duration) {
	return m.buckets.allow(key, rate.Every(each), burst)
}

// Degraded is always false: memory is there or the process is not.
func (m *Memory) Degraded() bool { return false }
