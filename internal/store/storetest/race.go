package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// sibling is another process on the same database.
func (s *Shop) sibling(t testing.TB) *Shop {
	t.Helper()
	twin := *s
	twin.Store = open(t, s.URL)
	return &twin
}

// testOneNonce shows one code to two stores at once, many times over: one earns,
// the others are told so.
func testOneNonce(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "anna")
	var won, lost atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			c := loyaltytest.Command(fmt.Sprint("try ", i), card.ID, shop.Front, loyaltytest.Now,
				loyalty.Earning{Units: 1}, loyaltytest.Presenting("the code"))
			c.Scan.ID = loyaltytest.ID(fmt.Sprint("scan ", i)) // each believes it was first
			results, err := stores[i%2].Decide(t, c)
			var refusal *loyalty.Refusal
			switch {
			case err != nil:
				t.Error(err)
			case results[0].Err == nil:
				won.Add(1)
			case errors.As(results[0].Err, &refusal) && refusal.Code == loyalty.CredentialUsed && refusal.Used.TillName == "front":
				lost.Add(1)
			default:
				t.Error(results[0].Err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 39 {
		t.Errorf("%d earned, %d were refused", won.Load(), lost.Load())
	}
	if state, err := stores[1].Store.Card(t.Context(), loyaltytest.Merchant, card.ID); err != nil || state.Card.Balance != 1 {
		t.Errorf("balance %d, %v", state.Card.Balance, err)
	}
}

// testOneRequest sends one request to two stores at once, on two cards, so that
// no lock is in the way: one is answered, the other conflicts.
func testOneRequest(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range 10 {
		request := loyalty.RequestID{byte(round)}
		var written, conflicts atomic.Int64
		var all sync.WaitGroup
		for i, s := range stores {
			card := shop.Card(t, shop.Stamps, fmt.Sprint("request ", round, i))
			all.Go(func() {
				keys := loyalty.Keys{Cards: []loyalty.CardID{card.ID}, Requests: []loyalty.RequestID{request}}
				err := s.Post(t.Context(), keys, func(f *loyalty.Facts) loyalty.Writes {
					if _, done := f.Answers[request]; done {
						conflicts.Add(1)
						return loyalty.Writes{}
					}
					return loyalty.Writes{Answers: []loyalty.Answer{{Request: request, Card: card.ID, Body: []byte("{}")}}}
				})
				switch {
				case errors.Is(err, loyalty.ErrConflict):
					conflicts.Add(1)
				case err != nil:
					t.Error(err)
				default:
					written.Add(1)
				}
			})
		}
		all.Wait()
		if written.Load() < 1 || conflicts.Load() != 1 {
			t.Errorf("round %d: %d without error, %d saw the other", round, written.Load(), conflicts.Load())
		}
	}
}

// testHotCard posts to one card from two stores at once and then follows the
// chain: no entry is lost and none was decided on stale facts.
func testHotCard(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	card := shop.Card(t, shop.Stamps, "hot")
	const workers, each = 6, 15
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				stores[w%2].Must(t, loyaltytest.Command(fmt.Sprint("hot ", w, " ", i), card.ID, shop.Front,
					loyaltytest.Now, loyalty.Earning{Units: 1}))
			}
		})
	}
	all.Wait()
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
	if err != nil || state.Card.Lifetime != workers*each {
		t.Fatalf("%d units came in, %v", state.Card.Lifetime, err)
	}
	entries, err := shop.Entries(t.Context(), loyaltytest.Merchant, card.ID, 0, 1000)
	if err != nil || int64(len(entries)) != state.Card.Seq {
		t.Fatalf("%d entries, seq %d, %v", len(entries), state.Card.Seq, err)
	}
	link := loyalty.FirstLink(card.ID)
	for i := len(entries) - 1; i >= 0; i-- {
		if link = entries[i].Link(link); link != entries[i].Hash {
			t.Fatalf("the chain breaks at seq %d", entries[i].Seq)
		}
	}
	if link != state.Card.Head {
		t.Error("the card's head is not the end of its chain")
	}
}
