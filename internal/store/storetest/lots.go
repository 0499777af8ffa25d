package storetest

import (
	"fmt"
	"testing"
	"time"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// lotsShop has a program with lots that last a day.
func lotsShop(t *testing.T, fresh func(testing.TB) string) (*Shop, *loyalty.Program) {
	shop := NewShop(t, fresh(t))
	program := loyaltytest.Lots(t, func(r *loyalty.Rules) { r.Lots = &loyalty.LotRule{Expires: loyalty.AfterDays, After: 1} })
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	return shop, program
}

// A process hears of lots with the first card of such a program that it reads, also
// where it read others before, and when a program gets them later.
func testFirstLots(t *testing.T, fresh func(testing.TB) string) {
	shop, program := lotsShop(t, fresh)
	card, plain := shop.Card(t, program, "anna"), shop.Card(t, shop.Points, "berta")
	shop.Must(t, loyaltytest.Command("earn", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 7}))
	other := open(t, shop.URL)
	for range 2 {
		if state, err := other.Card(t.Context(), loyaltytest.Merchant, plain.ID); err != nil || len(state.Lots) != 0 {
			t.Fatalf("%+v, %v", state, err)
		}
	}
	for range 2 {
		if state, err := other.Card(t.Context(), loyaltytest.Merchant, card.ID); err != nil || len(state.Lots) != 1 || state.Lots[0].Left != 7 {
			t.Fatalf("%+v, %v", state, err)
		}
	}
}

// All cards whose points ran out are posted to once, by one of two processes.
func testLapse(t *testing.T, fresh func(testing.TB) string) {
	shop, program := lotsShop(t, fresh)
	other := *shop
	other.Store = open(t, shop.URL)
	const cards = 600 // more than a page
	list := make([]loyalty.Card, cards)
	batch := make([]*loyalty.Command, cards)
	for i := range list {
		list[i] = loyaltytest.Card(program, fmt.Sprint("lapse ", i))
		batch[i] = loyaltytest.Command(fmt.Sprint("lapse ", i), list[i].ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: int64(1 + i%3)})
	}
	if err := shop.InsertCards(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < cards; i += 100 {
		if _, err := shop.Decide(t, batch[i:i+100]...); err != nil {
			t.Fatal(err)
		}
	}
	now := loyaltytest.Now
	posted := func(s *Shop, holder byte) int {
		t.Helper()
		l := ledger.New(s.Store, noGuard{}, ledger.Config{Now: func() time.Time { return now }})
		defer l.Close(t.Context())
		n, err := l.LapseDue(t.Context(), s.Store, [16]byte{holder})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := posted(shop, 1); n != 0 {
		t.Errorf("%d cards expired on the first day", n)
	}
	now = now.Add(48 * time.Hour)
	if has, err := other.TakeTurn(t.Context(), "lapse", [16]byte{2}, now, now.Add(time.Minute)); err != nil || !has {
		t.Fatalf("a lease that nobody has: %t, %v", has, err)
	}
	if n := posted(shop, 1); n != 0 {
		t.Errorf("%d cards expired while another process had the lease", n)
	}
	now = now.Add(time.Minute)
	if n := posted(shop, 1); n != cards {
		t.Errorf("%d cards expired of %d", n, cards)
	}
	if n := posted(&other, 2); n != 0 {
		t.Errorf("%d cards expired again", n)
	}
	for _, card := range list {
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
		if err != nil || state.Card.Balance != 0 || state.Card.Seq != 2 || len(state.Lots) != 0 {
			t.Fatalf("%+v, %v", state, err)
		}
	}
	if due, err := shop.DueLots(t.Context(), now, loyalty.Due{}, 10); err != nil || len(due) != 0 {
		t.Errorf("still due: %+v, %v", due, err)
	}
	found, err := ledger.Audit(t.Context(), shop.Store, now)
	if err != nil || len(found.Flaws) > 0 {
		t.Errorf("audit: %+v, %v", found, err)
	}
}

// Erasing a member leaves of a refund how many units it took, and nothing of the
// purchase.
func testRefundIsErased(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Points, "anna")
	purchase := loyaltytest.Purchase("r1", 3000, func(p *loyalty.Purchase) {
		p.Items = []loyalty.Item{{Quantity: 1000, Unit: "piece", Amount: 1000}, {Quantity: 1000, Unit: "piece", Amount: 2000}}
	})
	earned := shop.Must(t, loyaltytest.Command("earn", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: purchase}))
	do := loyalty.Refunding{Entry: earned.Entries[0].ID, Detail: earned.Details[0], Lines: []int64{1}}
	shop.Must(t, loyaltytest.Command("refund", card.ID, shop.Front, loyaltytest.Now, do, loyaltytest.AtOffice))
	refunded := func() (r loyalty.Refunded) {
		keys := loyalty.Keys{Cards: []loyalty.CardID{card.ID}, Origins: []loyalty.EntryID{do.Entry}}
		err := shop.Post(t.Context(), keys, func(f *loyalty.Facts) loyalty.Writes {
			r = f.Origins[do.Entry].Refunded
			return loyalty.Writes{}
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if got, want := refunded(), (loyalty.Refunded{Entry: do.Entry, Units: 10, Amount: 1000, Lines: "\x01"}); got != want {
		t.Errorf("kept %+v, want %+v", got, want)
	}
	anna := shop.member(t, "anna", 1)
	shop.attach(t, card, anna)
	erased := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, erased); err != nil {
		t.Fatal(err)
	}
	if got, want := refunded(), (loyalty.Refunded{Entry: do.Entry, Units: 10}); got != want {
		t.Errorf("kept after erasing %+v, want %+v", got, want)
	}
}

// noGuard lets everything through to the store.
type noGuard struct{ ledger.Guard }
