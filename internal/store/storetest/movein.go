package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// moved are cards of the stamp program from elsewhere, of which some are full.
func moved(t testing.TB, shop *Shop, names ...string) []*loyalty.Decision {
	t.Helper()
	var cards []*loyalty.Decision
	for i, name := range names {
		id := loyalty.MovedCardID(loyaltytest.Merchant, shop.Stamps.ID, name)
		d, err := loyalty.MoveIn(shop.Stamps, loyalty.Command{Merchant: loyaltytest.Merchant, Card: id},
			int64(i*7), loyaltytest.Now.AddDate(-1, 0, 0), loyaltytest.Now, loyalty.NewID)
		if err != nil {
			t.Fatal(err)
		}
		cards = append(cards, d)
	}
	return cards
}

// mover is a store, or a rehearsal on one.
type mover interface {
	MoveIn(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error)
}

// moveIn moves cards in that are not there, and says which those were.
func moveIn(ctx context.Context, to mover, cards []*loyalty.Decision) (fresh []bool, err error) {
	var a loyalty.Arriving
	for _, d := range cards {
		a.Cards = append(a.Cards, d.Card.ID)
	}
	_, err = to.MoveIn(ctx, loyalty.Answer{}, a, func(known *loyalty.Known) (arrivals loyalty.Arrivals, _ loyalty.Answer, _ error) {
		fresh = make([]bool, len(cards))
		seen := map[loyalty.CardID]bool{}
		for i, d := range cards {
			_, there := known.Cards[d.Card.ID]
			if fresh[i] = !there && !seen[d.Card.ID]; fresh[i] {
				arrivals.Cards = append(arrivals.Cards, d)
			}
			seen[d.Card.ID] = true
		}
		return arrivals, loyalty.Answer{}, nil
	})
	return fresh, err
}

func testMoveIn(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	first := moved(t, shop, "a", "b", "c", "b", "d")
	stored, err := moveIn(t.Context(), shop, first)
	if err != nil || !slices.Equal(stored, []bool{true, true, true, false, true}) {
		t.Fatalf("stored %v, %v", stored, err)
	}
	stored, err = moveIn(t.Context(), shop, moved(t, shop, "x", "c", "a"))
	if err != nil || !slices.Equal(stored, []bool{true, false, false}) {
		t.Errorf("again: stored %v, %v", stored, err)
	}
	if stored, err := moveIn(t.Context(), shop, nil); err != nil || len(stored) > 0 {
		t.Errorf("nothing: %v, %v", stored, err)
	}
	for i, want := range []int64{0, 7, 14, -1, 28} {
		if want < 0 {
			continue
		}
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, first[i].Card.ID)
		if err != nil {
			t.Fatal(err)
		}
		size := shop.Stamps.Card.Size
		if state.Card != first[i].Card || state.Card.Lifetime != want || state.Card.Balance != want%size || int64(len(state.Vouchers)) < want/size {
			t.Errorf("card %d: %+v with %d vouchers", i, state.Card, len(state.Vouchers))
		}
	}
	shop.Must(t, loyaltytest.Command("after the move", first[1].Card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
	ids := []loyalty.CardID{first[0].Card.ID, first[1].Card.ID, first[2].Card.ID, loyaltytest.ID("nobody's card")}
	known, err := shop.Foresee(t.Context(), loyalty.Arriving{Cards: ids})
	if want := map[loyalty.CardID]int64{ids[0]: 0, ids[1]: 7, ids[2]: 14}; err != nil || !maps.Equal(known.Cards, want) {
		t.Errorf("they began with %v, %v, want %v", known.Cards, err, want)
	}
	proven(t, shop, 5)
}

// Two that move the same cards in at the same moment move each in once.
func testMoveInTwiceAtOnce(t *testing.T, fresh func(testing.TB) string) {
	url := fresh(t)
	shop := NewShop(t, url)
	other := open(t, url)
	const cards, batch = 200, 20
	var names []string
	for i := range cards {
		names = append(names, fmt.Sprint("card ", i))
	}
	var counts [2]int
	var both sync.WaitGroup
	for who, at := range []*store.Store{shop.Store, other} {
		both.Go(func() {
			for part := range slices.Chunk(names, batch) {
				cards := moved(t, shop, part...)
				stored, err := moveIn(t.Context(), at, cards)
				for tries := 0; errors.Is(err, loyalty.ErrUnavailable) && tries < 20; tries++ { // SQLite serves whoever is quicker
					stored, err = moveIn(t.Context(), at, cards)
				}
				if err != nil {
					t.Errorf("%d: %v", who, err)
				}
				for _, fresh := range stored {
					if fresh {
						counts[who]++
					}
				}
			}
		})
	}
	both.Wait()
	if counts[0]+counts[1] != cards {
		t.Errorf("%d and %d cards were stored, of %d", counts[0], counts[1], cards)
	}
	proven(t, shop, cards)
}

// proven audits the ledger.
func proven(t testing.TB, shop *Shop, cards int) {
	t.Helper()
	found, err := ledger.Audit(t.Context(), shop.Store, loyaltytest.Now)
	if err != nil || len(found.Flaws) > 0 || found.Cards != cards {
		t.Errorf("the audit of %d cards says %+v, %v", cards, found, err)
	}
}
