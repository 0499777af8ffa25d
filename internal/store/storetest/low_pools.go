package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// low is who is told of which low pools at a time, and how many there are.
func (s *Shop) low(t testing.TB, now time.Time) (told []loyalty.WebhookID, events []string, all int) {
	t.Helper()
	var said []loyalty.LowPool
	pools, err := s.LowPools(t.Context(), now, func(_ *sql.Tx, p *loyalty.LowPool, hooks []loyalty.Webhook) error {
		told, said = nil, []loyalty.LowPool{*p} // there is one pool, and this may be called again
		for i := range hooks {
			told = append(told, hooks[i].ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range pools {
		p := &pools[i]
		if p.Reward.ID != loyaltytest.Partner || p.Merchant != loyaltytest.Merchant || p.Left > 2 || p.Since.IsZero() || p.Since.After(now) {
			t.Errorf("%+v", p)
		}
		if p.Fresh {
			events = append(events, p.ID())
		}
	}
	if len(said) != len(events) || len(said) == 1 && said[0].ID() != events[0] {
		t.Errorf("told %+v, and found %q", said, events)
	}
	return told, events, len(pools)
}

// Those who listen are told of a pool that runs low once, by one process, and again
// when it was filled in between.
func testLowPools(t *testing.T, fresh func(testing.TB) string) {
	shop, program := codesShop(t, fresh)
	card := shop.Card(t, program, "anna", func(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 })
	other := shop.sibling(t)
	shop.hook(t, "entries", func(w *loyalty.Webhook) { w.Kinds = loyalty.KindsOf(loyalty.Earn) | loyalty.Reminders })
	shop.hook(t, "disabled", func(w *loyalty.Webhook) { w.Disabled = loyaltytest.Now })
	shop.hook(t, "stranger", func(w *loyalty.Webhook) { w.Merchant = loyaltytest.Stranger })
	hooks := []loyalty.WebhookID{shop.hook(t, "all").ID, shop.hook(t, "codes", func(w *loyalty.Webhook) { w.Kinds = loyalty.LowPools }).ID}
	slices.SortFunc(hooks, func(a, b loyalty.WebhookID) int { return slices.Compare(a[:], b[:]) })
	seen := map[string]bool{}
	for step, test := range []struct {
		do         func()
		fresh, all int
	}{
		{func() {}, 0, 0},
		{func() { shop.importCodes(t, batchOf("three", 3)) }, 0, 0},
		{func() { shop.buy(t, card.ID, "one", 1) }, 1, 1},
		{func() {}, 0, 1},
		{func() { shop.buy(t, card.ID, "two", 2) }, 0, 1},
		{func() { shop.importCodes(t, batchOf("more", 3)) }, 0, 0},
		{func() { shop.buy(t, card.ID, "again", 1) }, 1, 1},
	} {
		test.do()
		now := loyaltytest.Now.Add(time.Duration(step) * time.Minute)
		told, events, all := shop.low(t, now)
		if len(events) != test.fresh || all != test.all {
			t.Errorf("step %d: %d fresh of %d, want %d of %d", step, len(events), all, test.fresh, test.all)
		}
		if test.fresh > 0 && !slices.Equal(told, hooks) {
			t.Errorf("step %d: told %v, want %v", step, told, hooks)
		}
		for _, id := range events {
			if seen[id] || len(id) > 64 {
				t.Errorf("step %d: an event has the id %s", step, id)
			}
			seen[id] = true
		}
		if _, events, all := other.low(t, now.Add(time.Second)); len(events) != 0 || all != test.all {
			t.Errorf("step %d, afterwards: %d fresh of %d", step, len(events), all)
		}
	}
}

// Whoever is killed has told nobody, and so it is told later.
func testLowPoolsKilled(t *testing.T, fresh func(testing.TB) string) {
	shop, _ := codesShop(t, fresh)
	hook := shop.hook(t, "all")
	shop.importCodes(t, batchOf("two", 2))
	killed := errors.New("killed")
	_, err := shop.LowPools(t.Context(), loyaltytest.Now, func(*sql.Tx, *loyalty.LowPool, []loyalty.Webhook) error { return killed })
	if !errors.Is(err, killed) {
		t.Errorf("got %v", err)
	}
	if told, events, _ := shop.low(t, loyaltytest.Now.Add(time.Minute)); len(events) != 1 || !slices.Equal(told, []loyalty.WebhookID{hook.ID}) {
		t.Errorf("told %v of %q", told, events)
	}
}

// Of several processes one tells.
func testLowPoolsAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop, _ := codesShop(t, fresh)
	processes := []*Shop{shop, shop.sibling(t), shop.sibling(t)}
	for round := range 5 {
		batch := batchOf(fmt.Sprint("round ", round), 1)
		shop.importCodes(t, batch)
		var mu sync.Mutex
		told := 0
		var running sync.WaitGroup
		for _, s := range processes {
			running.Go(func() {
				_, events, _ := s.low(t, loyaltytest.Now.Add(time.Duration(round)*time.Minute))
				mu.Lock()
				defer mu.Unlock()
				told += len(events)
			})
		}
		running.Wait()
		if told != 1 {
			t.Errorf("round %d: %d told", round, told)
		}
		many := batchOf(fmt.Sprint("many ", round), 5)
		shop.importCodes(t, many)
		shop.low(t, loyaltytest.Now.Add(time.Duration(round)*time.Minute+time.Second)) // not low any more
		for _, b := range []*loyalty.CodeBatch{batch, many} {
			shop.withdraw(t, b)
		}
	}
}

func (s *Shop) withdraw(t testing.TB, b *loyalty.CodeBatch) {
	t.Helper()
	_, err := s.WithdrawCodes(t.Context(), loyalty.Answer{}, b.Merchant, b.Reward, b.Codes[0].Import, func(int64) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
}
