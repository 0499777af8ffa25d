package storetest

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// What pages ask: whose a program is, and that nobody's card is forgotten.
func testWebCard(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	if owner, err := shop.ProgramOwner(t.Context(), shop.Stamps.ID); err != nil || owner != loyaltytest.Merchant {
		t.Errorf("got %v, %v", owner, err)
	}
	if _, err := shop.ProgramOwner(t.Context(), loyaltytest.ID("no program")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no such program: %v", err)
	}

	forgotten, kept := shop.Card(t, shop.Stamps, "forgotten"), shop.Card(t, shop.Stamps, "kept")
	phones := map[loyalty.CardID]loyalty.DeviceID{}
	for i, card := range []loyalty.CardID{forgotten.ID, kept.ID} {
		d := loyalty.Device{ID: loyalty.NewID(), Card: card, Kind: loyalty.Browser, Name: "Web card", Created: loyaltytest.Now}
		if _, err := shop.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{byte(i + 1)}, loyalty.Answer{}); err != nil {
			t.Fatal(err)
		}
		phones[card] = d.ID
	}
	if err := shop.EraseCard(t.Context(), loyaltytest.Stranger, forgotten.ID, loyaltytest.Now); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
	if _, err := shop.DeviceAccess(t.Context(), phones[forgotten.ID]); err != nil {
		t.Errorf("erased by a stranger: %v", err)
	}
	for range 2 { // a second time changes nothing
		if err := shop.EraseCard(t.Context(), loyaltytest.Merchant, forgotten.ID, loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := shop.DeviceAccess(t.Context(), phones[forgotten.ID]); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("the token still opens the card: %v", err)
	}
	if _, err := shop.DeviceAccess(t.Context(), phones[kept.ID]); err != nil {
		t.Errorf("another card's: %v", err)
	}
	if _, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, forgotten.ID); err != nil {
		t.Errorf("the card itself is gone: %v", err)
	}
}
