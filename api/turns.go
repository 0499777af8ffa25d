package api

import (
	"sync"
	"time"

	"stempel/internal/loyalty"
)

// turns are held while an answer is made that reads much of the ledger: a merchant
// has one at a time, and of others a few go on beside it. The zero value has none taken.
type turns struct {
	mu    sync.Mutex
	taken map[loyalty.MerchantID]struct{}
}

const (
	turnsAtOnce = 3                // of all merchants, in this process
	turnAgain   = 10 * time.Second // when to ask again
)

// take takes a merchant's turn, until it is given back. Errors: rate_limited.
func (t *turns) take(m loyalty.MerchantID, now time.Time) (back func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, has := t.taken[m]; has || len(t.taken) >= turnsAtOnce {
		return nil, tooMany(now.Add(turnAgain))
	}
	if t.taken == nil {
		t.taken = map[loyalty.MerchantID]struct{}{}
	}
	t.taken[m] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, m)
	}, nil
}
