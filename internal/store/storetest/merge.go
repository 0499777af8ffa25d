package storetest

import (
	"fmt"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testMerge merges three cards around a circle from two stores at once, while
// each earns: two merges go through, none waits for another for ever, and every
// stamp is in the end on the one card that is left.
func testMerge(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range 10 {
		cards := make([]loyalty.CardID, 3)
		for i := range cards {
			cards[i] = shop.Card(t, shop.Stamps, fmt.Sprint("merge ", round, i)).ID
		}
		var all sync.WaitGroup
		for i, card := range cards {
			name := fmt.Sprint("merge ", round, " ", i)
			into := cards[(i+1)%len(cards)]
			all.Go(func() {
				postMerge(t, stores[i%2], loyaltytest.Command(name, card, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: into}))
			})
			all.Go(func() {
				postMerge(t, stores[(i+1)%2], loyaltytest.Command(name+" earn", card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
			})
		}
		all.Wait()
		ended, earned := 0, int64(0)
		for _, id := range cards {
			state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, id)
			switch {
			case err != nil:
				t.Fatal(err)
			case !state.Card.MergedInto.IsZero():
				ended++
			default:
				earned += state.Card.Balance
			}
		}
		if ended != 2 || earned != 3 {
			t.Errorf("round %d: %d cards have ended, %d stamps are on the rest", round, ended, earned)
		}
	}
}

// postMerge posts a command and, as long as it meets a merged card, the same to
// the survivor. Locks are taken in order: not even a conflict is right.
func postMerge(t *testing.T, shop *Shop, c *loyalty.Command) {
	t.Helper()
	for batch := []*loyalty.Command{c}; len(batch) > 0; {
		results, err := shop.Decide(t, batch...)
		if err != nil {
			t.Error(err)
			return
		}
		batch = loyaltytest.Follow(batch, results)
	}
}
