// Package storetest is the suite that every database under internal/store
// passes, and the shop that other tests post to.
package storetest

import (
	"testing"
)

// Run runs the suite. Each call of fresh returns the URL of a new, empty
// database, which store.Open opens.
func Run(t *testing.T, fresh func(testing.TB) string) {
	for _, group := range []struct {
		name string
		run  func(*testing.T, func(testing.TB) string)
	}{
		{"smoke", testSmoke},
	} {
		t.Run(group.name, func(t *testing.T) { group.run(t, fresh) })
	}
}

func testSmoke(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "a")
	_ = card
}
