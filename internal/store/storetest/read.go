package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func testReading(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "anna")
	var posted []loyalty.Entry
	var issued []loyalty.Voucher
	var last *loyalty.Command
	for i := range 12 {
		last = loyaltytest.Command(fmt.Sprint("read ", i), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
		d := shop.Must(t, last)
		posted, issued = append(posted, d.Entries...), append(issued, d.Issued...)
		card = d.Card
	}
	state, till, err := shop.Look(t.Context(), loyaltytest.Merchant, card.ID, last.Scan, shop.Back.ID)
	if err != nil {
		t.Fatal(err)
	}
	if state.Card != card || !reflect.DeepEqual(till, shop.Back) || !reflect.DeepEqual(state.Program, shop.Stamps) ||
		!reflect.DeepEqual(state.Vouchers, issued) {
		t.Errorf("got %+v at %+v", state, till)
	}
	if len(state.Uses) != 1 || state.Uses[0].Nonce != last.Scan.Nonce || state.Uses[0].TillName != "front" {
		t.Errorf("uses %+v", state.Uses)
	}

	page, err := shop.Entries(t.Context(), loyaltytest.Merchant, card.ID, 6, 3)
	if err != nil || len(page) != 3 || page[0] != posted[4] || page[2] != posted[2] {
		t.Errorf("entries before 6: %+v, %v", page, err)
	}
	if page, err := shop.Entries(t.Context(), loyaltytest.Merchant, card.ID, 0, 1); err != nil || len(page) != 1 || page[0] != posted[len(posted)-1] {
		t.Errorf("newest entry: %+v, %v", page, err)
	}
	if page, err := shop.Entries(t.Context(), loyaltytest.Merchant, card.ID, 1, 10); err != nil || len(page) != 0 {
		t.Errorf("before the first: %+v, %v", page, err)
	}
	if entry, err := shop.Entry(t.Context(), loyaltytest.Merchant, posted[3].ID); err != nil || entry != posted[3] {
		t.Errorf("got %+v, %v", entry, err)
	}
	if voucher, err := shop.Voucher(t.Context(), loyaltytest.Merchant, issued[0].ID); err != nil || voucher != issued[0] {
		t.Errorf("got %+v, %v", voucher, err)
	}
	if owner, err := shop.MerchantOf(t.Context(), card.ID); err != nil || owner != loyaltytest.Merchant {
		t.Errorf("got %v, %v", owner, err)
	}
}

// testStrangers asks for another merchant's rows, and for some that nobody has.
func testStrangers(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "anna")
	d := shop.Must(t, loyaltytest.Command("a", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 10}))
	ctx := t.Context()
	none := loyaltytest.ID("nobody's")
	for _, asker := range []struct {
		merchant loyalty.MerchantID
		card     loyalty.CardID
		till     loyalty.TillID
		entry    loyalty.EntryID
		voucher  loyalty.VoucherID
	}{
		{loyaltytest.Stranger, card.ID, loyalty.TillID{}, d.Entries[0].ID, d.Issued[0].ID},
		{loyaltytest.Merchant, none, shop.Front.ID, none, none},
		{loyaltytest.Stranger, none, shop.Front.ID, none, none},
	} {
		_, _, look := shop.Look(ctx, asker.merchant, asker.card, loyalty.Scanned{}, asker.till)
		_, read := shop.Store.Card(ctx, asker.merchant, asker.card)
		_, entries := shop.Entries(ctx, asker.merchant, asker.card, 0, 1)
		_, entry := shop.Entry(ctx, asker.merchant, asker.entry)
		_, voucher := shop.Voucher(ctx, asker.merchant, asker.voucher)
		for i, err := range []error{look, read, entries, entry, voucher} {
			if !errors.Is(err, loyalty.ErrNotFound) {
				t.Errorf("read %d: %v", i, err)
			}
		}
	}
	_, noTill := shop.TillAccess(ctx, none)
	_, noOwner := shop.MerchantOf(ctx, none)
	_, _, lookAtNoTill := shop.Look(ctx, loyaltytest.Merchant, card.ID, loyalty.Scanned{}, none)
	for i, err := range []error{noTill, noOwner, lookAtNoTill} {
		if !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("read %d: %v", i, err)
		}
	}
	if programs, err := shop.Programs(ctx, loyaltytest.Stranger); err != nil || len(programs) != 0 {
		t.Errorf("a stranger has %d programs, %v", len(programs), err)
	}
}
