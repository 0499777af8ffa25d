package storetest

import (
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A recovery link opens its card once, and leaves it to one browser and to wallets.
func testRecover(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	for i := range byte(loyalty.MaxPhones) {
		shop.device(t, anna.ID, loyalty.Phone, loyalty.Hash{i + 1})
	}
	wallet := shop.device(t, anna.ID, loyalty.Google, loyalty.Hash{})
	other := shop.device(t, bert.ID, loyalty.Browser, loyalty.Hash{20})
	link, spare := shop.device(t, anna.ID, loyalty.Recovery, loyalty.Hash{21}), shop.device(t, anna.ID, loyalty.Recovery, loyalty.Hash{22})

	recoverBy := func(request byte, m loyalty.MerchantID, by loyalty.DeviceID) (loyalty.DeviceID, loyalty.Answer, error) {
		page := loyalty.Device{ID: loyalty.NewID(), Card: anna.ID, Kind: loyalty.Browser, Created: loyaltytest.Now}
		r := loyalty.Answer{Request: loyalty.RequestID{request}, Expires: loyaltytest.Now.Add(loyalty.AnswerLife)}
		answer, err := shop.Recover(t.Context(), r, m, by, page, loyalty.Hash{30}, loyalty.Answer{Status: 303, Body: []byte(page.ID.String())})
		return page.ID, answer, err
	}
	for name, try := range map[string]struct {
		m  loyalty.MerchantID
		by loyalty.DeviceID
	}{
		"another merchant's": {loyaltytest.Stranger, link.ID}, "another card's": {loyaltytest.Merchant, other.ID},
		"a wallet": {loyaltytest.Merchant, wallet.ID}, "nothing": {loyaltytest.Merchant, loyaltytest.ID("no link")},
	} {
		if _, _, err := recoverBy(1, try.m, try.by); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	opened, answer, err := recoverBy(2, loyaltytest.Merchant, link.ID)
	if err != nil || answer.Card != anna.ID || answer.Replayed {
		t.Fatalf("%+v, %v", answer, err)
	}
	if _, again, err := recoverBy(2, loyaltytest.Merchant, link.ID); err != nil || !again.Replayed || string(again.Body) != string(answer.Body) {
		t.Errorf("the same request: %+v, %v", again, err)
	}
	for _, used := range []loyalty.DeviceID{link.ID, spare.ID} {
		if _, _, err := recoverBy(3, loyaltytest.Merchant, used); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("used up: %v", err)
		}
	}
	devices, err := shop.Devices(t.Context(), loyaltytest.Merchant, anna.ID, loyalty.DeviceID{}, 100)
	if err != nil || len(devices) != loyalty.MaxPhones+4 {
		t.Fatalf("%d devices, %v", len(devices), err)
	}
	for _, d := range devices {
		if stays := d.ID == opened || d.ID == wallet.ID; d.Revoked.IsZero() != stays {
			t.Errorf("%s: revoked %v", d.Kind, d.Revoked)
		}
	}
	if access, err := shop.DeviceAccess(t.Context(), other.ID); err != nil || access.Revoked {
		t.Errorf("of another card: %+v, %v", access, err)
	}
	if access, err := shop.DeviceAccess(t.Context(), link.ID); err != nil || !access.Revoked || access.DeviceKind != loyalty.Recovery {
		t.Errorf("the link: %+v, %v", access, err)
	}
}
