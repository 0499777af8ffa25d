package storetest

import (
	"fmt"
	"testing"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testAlteredDetails keeps, among others, purchases beside their entries that are
// not what these commit to. The audit finds them and no others, on more rows than it
// reads at once; what was erased is no flaw.
func testAlteredDetails(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.member(t, "anna", 1)
	honest, erased, altered := shop.Card(t, shop.Points, "honest"), shop.Card(t, shop.Points, "erased"), shop.Card(t, shop.Points, "altered")
	shop.attach(t, erased, anna)
	buy := func(card loyalty.Card, name string, alter func(*loyalty.Writes)) loyalty.EntryID {
		t.Helper()
		batch := []*loyalty.Command{loyaltytest.Command(name, card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(name, 900)})}
		var entry loyalty.EntryID
		err := shop.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
			w, results := loyaltytest.Decide(f, batch, loyaltytest.Now)
			if results[0].Err != nil {
				t.Fatal(results[0].Err)
			}
			entry = w.Entries[0].ID
			alter(w)
			return *w
		})
		if err != nil {
			t.Fatal(err)
		}
		return entry
	}
	const many = 2100
	batch := make([]*loyalty.Command, many)
	for i := range batch {
		name := fmt.Sprint("honest ", i)
		batch[i] = loyaltytest.Command(name, honest.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Purchase: loyaltytest.Purchase(name, 900)})
	}
	if _, err := shop.Decide(t, batch...); err != nil {
		t.Fatal(err)
	}
	buy(erased, "erased", func(*loyalty.Writes) {})
	proven(t, shop, 3)
	done := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, done); err != nil {
		t.Fatal(err)
	}
	proven(t, shop, 3)

	stray := loyalty.EntryID(loyaltytest.ID("no entry"))
	buy(altered, "stray", func(w *loyalty.Writes) {
		w.Details = append(w.Details, loyalty.Detail{Entry: stray, Salt: [16]byte{1}, Body: []byte("{}")})
	})
	want := map[loyalty.EntryID]loyalty.CardID{
		stray: {},
		buy(altered, "body", func(w *loyalty.Writes) { w.Details[0].Body = []byte(`{"ref":"another"}`) }): altered.ID,
		buy(altered, "salt", func(w *loyalty.Writes) { w.Details[0].Salt[3] ^= 1 }):                       altered.ID,
	}
	found, err := ledger.Audit(t.Context(), shop.Store, loyaltytest.Now)
	if err != nil || found.Flawed != 0 || found.Altered != 3 || found.Details != many+4 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, flaw := range found.Flaws {
		if card, ok := want[flaw.Entry]; !ok || card != flaw.Card {
			t.Errorf("%v", flaw)
		}
	}
}
