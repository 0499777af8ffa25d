package storetest

import (
	"errors"
	"sync"
	"testing"

	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testMigrate starts several processes at once on an empty database, and then
// one more.
func testMigrate(t *testing.T, fresh func(testing.TB) string) {
	url := fresh(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := store.Open(t.Context(), url, store.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	shop := NewShop(t, url)
	shop.Card(t, shop.Stamps, "anna")
	if err := shop.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := shop.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, loyaltytest.ID("card anna")); err != nil {
		t.Errorf("migrating again lost a card: %v", err)
	}
}

func testNotMigrated(t *testing.T, fresh func(testing.TB) string) {
	if err := open(t, fresh(t)).Ready(t.Context()); err == nil {
		t.Error("an empty database calls itself ready")
	}
}
