package storetest

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testMany holds that a dirty card is one of many only while nothing has changed it
// alone.
func testMany(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.Card(t, shop.Stamps, "anna")
	shop.register(t, shop.pass(t, anna.ID), loyalty.Hash{1}, "aa", loyaltytest.Now)
	shop.everyMark(t)
	marked := func(many bool) {
		t.Helper()
		list, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil || len(list) != 1 || list[0].Many != many {
			t.Fatalf("marks: %+v, %v, want one; of many: %t", list, err, many)
		}
	}
	names := 0
	all := func() {
		t.Helper()
		names++
		if err := shop.rename(string(rune('A'+names)), loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
		if _, err := shop.MarkTouched(t.Context(), loyaltytest.Now, 1000); err != nil {
			t.Fatal(err)
		}
	}
	alone := map[string]func(){
		"a till": func() {
			shop.Must(t, loyaltytest.Command("stamp", anna.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
		},
		"the office": func() {
			if err := shop.Watch(t.Context(), anna.ID, loyalty.WatchedForEver, loyaltytest.Now); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, change := range alone {
		t.Log(name)
		all()
		marked(true)
		all()
		marked(true)
		change()
		marked(false)
		all()
		marked(false)
		shop.everyMark(t)
	}
}
