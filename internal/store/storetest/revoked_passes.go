package storetest

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testRevokedPasses holds that a card gets another pass at Google after the secret of
// the one before was revoked, and only then; that one ends, and its wallet is told, also
// where nothing watches the card. The pass in Apple's wallet goes on.
func testRevokedPasses(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Stamps, "anna").ID
	apple, lost := shop.pass(t, card), openPass(t, shop, card, loyalty.GoogleWallet)
	device := loyalty.Device{ID: loyalty.DeviceID(lost.ID), Card: card, Kind: loyalty.Google, Created: loyaltytest.Now}
	if _, err := shop.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, device, loyalty.Hash{}, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.renew(t, device); err != nil {
		t.Fatal(err)
	}
	if again := openPass(t, shop, card, loyalty.GoogleWallet); again != lost {
		t.Errorf("with a renewed secret it is another pass: %+v", again)
	}
	shop.revoke(t, device)
	if marked := shop.everyMark(t); len(marked) > 0 {
		t.Errorf("marked before: %v", marked)
	}
	next := openPass(t, shop, card, loyalty.GoogleWallet)
	if next.ID == lost.ID {
		t.Fatal("the revoked pass goes on")
	}
	if marked := shop.everyMark(t); len(marked) != 1 || marked[0] != card {
		t.Errorf("marked %v", marked)
	}
	if again := openPass(t, shop, card, loyalty.GoogleWallet); again != next {
		t.Errorf("opened once more it is %+v, after %+v", again, next)
	}
	for _, p := range []loyalty.Pass{apple, lost, next} {
		if got, err := shop.Pass(t.Context(), p.ID); err != nil || got.Removed.IsZero() == (p.ID == lost.ID) {
			t.Errorf("a pass in %s has ended at %v, %v", p.Wallet, got.Removed, err)
		}
	}
}
