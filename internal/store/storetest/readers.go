package storetest

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testReaders registers tills with a reader, and takes it away: whoever
// authenticates a till learns of it.
func testReaders(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now, want := loyaltytest.Now, loyalty.ReadersOf(loyalty.SmartTapReader)
	holds := func(when string, id loyalty.TillID, want loyalty.Readers) {
		t.Helper()
		access, err := shop.TillAccess(t.Context(), id)
		if err != nil || access.Till.Readers != want {
			t.Errorf("%s: access %+v, %v", when, access.Till, err)
		}
		if till, err := shop.Till(t.Context(), loyaltytest.Merchant, id); err != nil || till.Readers != want {
			t.Errorf("%s: %+v, %v", when, till, err)
		}
	}
	holds("as they are made", shop.Front.ID, 0)

	paired := loyaltytest.Till(t, "paired")
	paired.Readers = want
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertTill(paired, loyalty.Hash{8}, now) })
	holds("inserted", paired.ID, want)

	added := loyaltytest.Till(t, "added")
	added.Readers = want
	code := loyalty.Pairing{Till: added.ID, Code: loyalty.Hash{9}, Expires: now.Add(time.Minute)}
	if _, err := shop.AddTill(t.Context(), loyalty.Answer{}, added, code, now); err != nil {
		t.Fatal(err)
	}
	_, err := shop.Pair(t.Context(), loyalty.Answer{}, code.Code, now, func(p *loyalty.PairedTill) (loyalty.Hash, loyalty.Answer, error) {
		if p.Till.Readers != want {
			t.Errorf("paired with %+v", p.Till)
		}
		return loyalty.Hash{7}, loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	holds("added", added.ID, want)

	for _, readers := range []loyalty.Readers{0, want} {
		_, err := shop.ChangeTill(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, added.ID, func(till *loyalty.TillListing) (loyalty.Answer, error) {
			till.Readers = readers
			return loyalty.Answer{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		holds("changed", added.ID, readers)
	}
}
