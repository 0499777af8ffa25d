package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func testKeyring(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	if version, sealed, err := shop.LoadKeyring(t.Context()); version != 0 || sealed != nil || err != nil {
		t.Errorf("no keyring yet: %d, %q, %v", version, sealed, err)
	}
	for previous := range int64(5) {
		var saved atomic.Int64
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				won, err := stores[i%2].SaveKeyring(t.Context(), previous, fmt.Appendf(nil, "ring %d", previous))
				if err != nil {
					t.Error(err)
				}
				if won {
					saved.Add(1)
				}
			})
		}
		all.Wait()
		version, sealed, err := stores[1].LoadKeyring(t.Context())
		if saved.Load() != 1 || version != previous+1 || string(sealed) != fmt.Sprint("ring ", previous) || err != nil {
			t.Errorf("saved %d times: %d, %q, %v", saved.Load(), version, sealed, err)
		}
	}
}

// testEachCard reads more cards than a page holds while others post.
func testEachCard(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	cards := make([]loyalty.Card, 450)
	for i := range cards {
		cards[i] = loyaltytest.Card(shop.Stamps, fmt.Sprint("each ", i))
	}
	if err := shop.InsertCards(t.Context(), cards); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		shop.Must(t, loyaltytest.Command(fmt.Sprint("each ", i), cards[i].ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 11}))
	}
	var last loyalty.CardID
	var seen, units, vouchers, others int64
	err := shop.EachCard(t.Context(), func(c loyalty.Card, v []loyalty.Voucher, lots []loyalty.Lot, stream iter.Seq2[loyalty.Entry, error]) error {
		if c.ID.Compare(last) <= 0 {
			t.Errorf("%s comes after %s", c.ID, last)
		}
		last = c.ID
		seen++
		vouchers += int64(len(v))
		if seen%3 == 0 {
			return nil // without taking the entries
		}
		entries, err := collect(stream)
		if int64(len(entries)) != c.Seq {
			t.Errorf("%s: %d entries, seq %d", c.ID, len(entries), c.Seq)
		}
		for i, e := range entries {
			units += e.Units
			if e.Card != c.ID || e.Seq != int64(i)+1 {
				t.Errorf("entry %d of %s: %+v", i, c.ID, e)
			}
		}
		units -= c.Balance
		if others < 20 { // posting goes on, on cards not read yet
			others++
			shop.Must(t, loyaltytest.Command(fmt.Sprint("meanwhile ", others), cards[100+others].ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
		}
		return err
	})
	if err != nil || seen != 450 || units != 0 || vouchers != 30 {
		t.Errorf("%d cards, %d units too many, %d vouchers, %v", seen, units, vouchers, err)
	}
	enough := errors.New("enough")
	seen = 0
	err = shop.EachCard(t.Context(), func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error {
		seen++
		return enough
	})
	if !errors.Is(err, enough) || seen != 1 {
		t.Errorf("%d cards, %v", seen, err)
	}
}

// testOrphans puts rows without a card between cards: EachCard says so.
func testOrphans(t *testing.T, fresh func(testing.TB) string) {
	nothing := func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error {
		return nil
	}
	for name, w := range map[string]func(loyalty.CardID) loyalty.Writes{
		"entry": func(id loyalty.CardID) loyalty.Writes {
			return loyalty.Writes{Entries: []loyalty.Entry{{ID: loyaltytest.ID("orphan"), Card: id, Seq: 1, Kind: loyalty.Earn}}}
		},
		"voucher": func(id loyalty.CardID) loyalty.Writes {
			return loyalty.Writes{Issued: []loyalty.Voucher{{ID: loyaltytest.ID("orphan"), Card: id, State: loyalty.Issued}}}
		},
	} {
		for _, missing := range []byte{0x00, 0x60, 0xff} {
			shop := NewShop(t, fresh(t))
			shop.Card(t, shop.Stamps, "low", func(c *loyalty.Card) { c.ID[0] = 0x40 })
			shop.Card(t, shop.Stamps, "high", func(c *loyalty.Card) { c.ID[0] = 0x80 })
			if err := shop.EachCard(t.Context(), nothing); err != nil {
				t.Fatal(err)
			}
			orphan := w(loyalty.CardID{missing, 1})
			for i := range orphan.Entries {
				fillIDs(&orphan.Entries[i])
			}
			for i := range orphan.Issued {
				orphan.Issued[i].Reward, orphan.Issued[i].Entry = loyaltytest.Cone, loyaltytest.ID("entry")
			}
			if err := shop.write(t, orphan); err != nil {
				t.Fatal(err)
			}
			if err := shop.EachCard(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), "does not exist") {
				t.Errorf("%s of %x…: %v", name, missing, err)
			}
		}
	}
}

func fillIDs(e *loyalty.Entry) {
	e.Merchant, e.Operator, e.Program, e.Hash = loyaltytest.Merchant, loyaltytest.Merchant, loyaltytest.ID("program"), loyalty.Hash{1}
}

func testPrune(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	var w loyalty.Writes
	const old, young = 6000, 40 // more than one statement deletes
	for i := range old + young {
		expires := now
		if i >= old {
			expires = now.Add(time.Microsecond)
		}
		id := loyaltytest.ID(fmt.Sprint("prune ", i))
		w.Uses = append(w.Uses, loyalty.Use{
			Nonce: id, Action: loyalty.Earn, Card: id, Scan: id, Entry: id, At: now, Expires: expires,
		})
		w.Answers = append(w.Answers, loyalty.Answer{
			Request: loyalty.RequestID(slices.Concat(id[:], id[:])), Body: []byte("{}"), Expires: expires,
		})
	}
	if err := shop.write(t, w); err != nil {
		t.Fatal(err)
	}
	shop.issue(t, newClaim(shop, "long over", func(k *loyalty.ClaimCode) { k.Expires = now.Add(-31 * 24 * time.Hour) }))
	recent := newClaim(shop, "just over", func(k *loyalty.ClaimCode) { k.Expires = now.Add(-29 * 24 * time.Hour) })
	shop.issue(t, recent)
	for _, want := range []int64{2*old + 1, 0} {
		if n, err := shop.Prune(t.Context(), now); err != nil || n != want {
			t.Errorf("pruned %d, want %d: %v", n, want, err)
		}
	}
	if _, err := shop.Claim(t.Context(), recent.ID); err != nil {
		t.Errorf("a code that is over since a month is not: %v", err)
	}
	if _, err := shop.Answer(t.Context(), w.Answers[old].Request); err != nil {
		t.Errorf("an answer that has not expired: %v", err)
	}
	if n, err := shop.Prune(t.Context(), now.Add(time.Hour)); err != nil || n != 2*young {
		t.Errorf("pruned %d later: %v", n, err)
	}
}
