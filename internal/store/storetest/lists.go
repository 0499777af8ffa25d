package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testCardList pages through more cards than one page looks at, with every
// filter, and compares with what was put in.
func testCardList(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m := loyaltytest.Merchant
	var cards []loyalty.Card
	for i := range 2500 {
		p := shop.Stamps
		if i%100 == 0 {
			p = shop.Points
		}
		card := loyaltytest.Card(p, fmt.Sprint(i), func(c *loyalty.Card) { c.Blocked = i%700 == 0 })
		cards = append(cards, card)
	}
	stranger := loyaltytest.Program(t)
	stranger.ID, stranger.Merchant = loyaltytest.ID("a stranger's"), loyaltytest.Stranger
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*stranger, loyaltytest.Now) })
	theirs := loyaltytest.Card(stranger, "theirs")
	if err := shop.InsertCards(t.Context(), append(slices.Clone(cards), theirs)); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(cards, func(a, b loyalty.Card) int { return b.ID.Compare(a.ID) })
	yes, no := true, false
	for name, filter := range map[string]loyalty.CardFilter{
		"all": {}, "program": {Program: shop.Points.ID}, "blocked": {Blocked: &yes}, "not blocked": {Blocked: &no},
		"blocked of a program": {Program: shop.Points.ID, Blocked: &yes}, "others of it": {Program: shop.Points.ID, Blocked: &no},
	} {
		t.Run(name, func(t *testing.T) {
			var want, got []loyalty.CardID
			for _, c := range cards {
				if filter.Takes(c.Program, c.Blocked) {
					want = append(want, c.ID)
				}
			}
			for after, pages := (loyalty.CardID{}), 0; pages == 0 || !after.IsZero(); pages++ {
				page, next, err := shop.Cards(t.Context(), m, filter, after, 99)
				if err != nil || len(page) > 99 || pages > 100 {
					t.Fatalf("page %d: %d cards, %v", pages, len(page), err)
				}
				for _, state := range page {
					got = append(got, state.Card.ID)
				}
				after = next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d cards, want %d", len(got), len(want))
			}
		})
	}
	if page, _, err := shop.Cards(t.Context(), loyaltytest.Stranger, loyalty.CardFilter{}, loyalty.CardID{}, 9); err != nil || len(page) != 1 || page[0].Card.ID != theirs.ID {
		t.Errorf("a stranger's: %d cards, %v", len(page), err)
	}
	if _, _, err := shop.Cards(t.Context(), m, loyalty.CardFilter{Program: stranger.ID}, loyalty.CardID{}, 9); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("of another merchant's program: %v", err)
	}
}

// idAt is a UUIDv7 of a moment.
func idAt(at time.Time, name string) [16]byte {
	id := loyaltytest.ID(name)
	binary.BigEndian.PutUint32(id[:], uint32(at.UnixMilli()>>16))
	binary.BigEndian.PutUint16(id[4:], uint16(at.UnixMilli()))
	return id
}

// testEntryList finds entries among more than one page looks at, most of which
// are another merchant's: with every filter each one once, and in order.
func testEntryList(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m := loyaltytest.Merchant
	anna, ben := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Points, "ben")
	var w loyalty.Writes
	var own []loyalty.Entry
	var seq int64
	for i := range 5200 {
		at := loyaltytest.Now.Add(time.Duration(i) * time.Second)
		e := loyalty.Entry{
			ID: idAt(at.Add(3*time.Millisecond), fmt.Sprint("listed ", i)), Merchant: loyaltytest.Stranger, Operator: loyaltytest.Stranger,
			Card: loyaltytest.ID("card of a stranger"), Seq: int64(i) + 1, Kind: loyalty.Earn, Program: shop.Stamps.ID,
			Version: 1, Captured: at, Posted: at, Hash: loyalty.Hash{1},
		}
		if i%40 < 3 {
			seq++
			e.Merchant, e.Operator, e.Card, e.Seq = m, m, anna.ID, seq
			switch i % 40 {
			case 1:
				e.Kind, e.Till, e.Location = loyalty.Redeem, shop.Front.ID, loyaltytest.Location
			case 2:
				e.Card, e.Program, e.Staff = ben.ID, shop.Points.ID, loyaltytest.ID("staff")
			}
			own = append(own, e)
		}
		w.Entries = append(w.Entries, e)
	}
	if err := shop.write(t, w); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(own)
	for name, filter := range map[string]loyalty.EntryFilter{
		"all": {}, "card": {Card: ben.ID}, "card and kind": {Card: anna.ID, Kind: loyalty.Redeem}, "program": {Program: shop.Points.ID},
		"till": {Till: shop.Front.ID}, "staff": {Staff: loyaltytest.ID("staff")}, "kind": {Kind: loyalty.Redeem}, "none": {Kind: loyalty.Adjust},
		"from": {From: own[7].Posted}, "to": {To: own[7].Posted}, "between": {From: own[300].Posted, To: own[12].Posted, Till: shop.Front.ID},
	} {
		t.Run(name, func(t *testing.T) {
			var want, got []loyalty.Entry
			for _, e := range own {
				if filter.Takes(&e) {
					want = append(want, e)
				}
			}
			for after, pages := (loyalty.EntryID{}), 0; pages == 0 || !after.IsZero(); pages++ {
				page, next, err := shop.FindEntries(t.Context(), m, filter, after, 37)
				if err != nil || len(page) > 37 || pages > 100 {
					t.Fatalf("page %d: %d entries, %v", pages, len(page), err)
				}
				got, after = append(got, page...), next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d entries, want %d", len(got), len(want))
			}
		})
	}
	if _, _, err := shop.FindEntries(t.Context(), loyaltytest.Stranger, loyalty.EntryFilter{Card: ben.ID}, loyalty.EntryID{}, 9); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("of another merchant's card: %v", err)
	}
	if _, err := shop.Detail(t.Context(), own[0].ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no detail: %v", err)
	}
}

// testVoucherList pages through a card's vouchers.
func testVoucherList(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	m := loyaltytest.Merchant
	card := shop.Card(t, shop.Stamps, "anna")
	issued := shop.Must(t, loyaltytest.Command("many", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 50})).Issued
	used := shop.Must(t, loyaltytest.Command("use", card.ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Cone})).Changed
	slices.Reverse(issued)
	page, err := shop.CardVouchers(t.Context(), m, card.ID, 0, issued[1].ID, 2)
	if err != nil || len(page) != 2 || page[0].ID != issued[2].ID || page[1].ID != issued[3].ID {
		t.Errorf("after the second: %+v, %v", page, err)
	}
	if page, err = shop.CardVouchers(t.Context(), m, card.ID, loyalty.Redeemed, loyalty.VoucherID{}, 9); err != nil || !slices.Equal(page, used) {
		t.Errorf("redeemed: %+v, %v", page, err)
	}
	if _, err = shop.CardVouchers(t.Context(), loyaltytest.Stranger, card.ID, 0, loyalty.VoucherID{}, 9); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
}
