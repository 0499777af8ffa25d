package storetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testWatching lets pages be opened and wallets begin and end to show a card, in any
// order: it is watched for as long as the last of them wants it.
func testWatching(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	events := 0
	rapid.Check(t, func(rt *rapid.T) {
		events++
		card := shop.Card(t, shop.Stamps, fmt.Sprint("watched ", events)).ID
		apple, google := shop.pass(t, card), openPass(t, shop, card, loyalty.GoogleWallet)
		now := loyaltytest.Now
		var until int64 // of open pages
		phones, saved, heard := map[byte]bool{}, false, false
		must := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		hear := func(isSaved bool) {
			events++
			_, err := shop.HearGoogle(t.Context(), googleEvent(google, fmt.Sprint(events), isSaved), now)
			must(err)
			saved, heard = isSaved, true
		}
		kept := false // by Google's pass, of which nothing was heard
		rt.Repeat(map[string]func(*rapid.T){
			"time passes": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(rt, "minutes")) * time.Minute)
			},
			"a page": func(*rapid.T) {
				until = max(until, now.Add(2*time.Minute).UnixMicro())
				must(shop.Watch(t.Context(), card, until, now))
			},
			"a phone": func(rt *rapid.T) {
				n := rapid.ByteRange(1, 2).Draw(rt, "phone")
				_, err := shop.Register(t.Context(), apple, loyalty.Hash{n}, "aa", now)
				must(err)
				phones[n] = true
			},
			"a phone removes it": func(rt *rapid.T) {
				n := rapid.ByteRange(1, 2).Draw(rt, "phone")
				must(shop.Unregister(t.Context(), apple, loyalty.Hash{n}))
				kept = kept || len(phones) > 0 && !heard
				delete(phones, n)
			},
			"Google saves":   func(*rapid.T) { hear(true) },
			"Google deletes": func(*rapid.T) { hear(false); kept = false },
			"": func(rt *rapid.T) {
				want := until
				if len(phones) > 0 || saved || kept {
					want = loyalty.WatchedForEver
				}
				state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card)
				if err != nil || state.Watched != want {
					rt.Fatalf("watched until %d, %v, want %d", state.Watched, err, want)
				}
			},
		})
	})
}
