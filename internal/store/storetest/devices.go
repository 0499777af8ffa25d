package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func testDevices(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	added := make([]loyalty.Device, 3)
	for i := range added {
		d := loyalty.Device{ID: loyalty.NewID(), Card: anna.ID, Kind: loyalty.Phone, Name: "phone", Created: loyaltytest.Now}
		if i == 1 {
			d.Name = ""
		}
		answer, err := shop.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, d, loyalty.Hash{byte(i + 1)}, loyalty.Answer{Body: []byte("token")})
		if err != nil || string(answer.Body) != "token" || answer.Card != anna.ID {
			t.Fatalf("%+v, %v", answer, err)
		}
		d.Home, d.Secret = anna.ID, loyalty.Secret{Number: uint16(i + 1), Epoch: 1}
		added[i] = d
	}
	access := loyalty.Access{Merchant: loyaltytest.Merchant, Hash: loyalty.Hash{2}, Device: added[1].ID, DeviceKind: loyalty.Phone, Card: anna.ID}
	if got, err := elsewhere.DeviceAccess(t.Context(), added[1].ID); err != nil || got != access {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := shop.DeviceAccess(t.Context(), loyaltytest.ID("no phone")); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("no such phone: %v", err)
	}

	revoke := func(m loyalty.MerchantID, card loyalty.CardID, at time.Time) (told loyalty.Device, err error) {
		_, err = shop.RevokeDevice(t.Context(), loyalty.Answer{}, m, card, added[1].ID, at,
			func(d *loyalty.Device) (loyalty.Answer, error) { told = *d; return loyalty.Answer{}, nil })
		return told, err
	}
	if _, err := revoke(loyaltytest.Stranger, anna.ID, loyaltytest.Now); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's: %v", err)
	}
	var refusal *loyalty.Refusal
	if _, err := revoke(loyaltytest.Merchant, bert.ID, loyaltytest.Now); !errors.As(err, &refusal) || refusal.Code != loyalty.DeviceNotFound {
		t.Errorf("another card's: %v", err)
	}
	if got, err := elsewhere.DeviceAccess(t.Context(), added[1].ID); err != nil || got.Revoked {
		t.Errorf("revoked by a stranger: %+v, %v", got, err)
	}
	added[1].Revoked = loyaltytest.Now.Add(time.Minute)
	added[1].Secret.Epoch = 2
	for i := range 2 { // one revoked before stays as it was
		if told, err := revoke(loyaltytest.Merchant, anna.ID, added[1].Revoked.Add(time.Duration(i)*time.Hour)); err != nil || told != added[1] {
			t.Errorf("revoked: %+v, %v", told, err)
		}
		if got, err := elsewhere.DeviceAccess(t.Context(), added[1].ID); err != nil || !got.Revoked {
			t.Errorf("in another process: %+v, %v", got, err)
		}
	}

	list := func(m loyalty.MerchantID, card loyalty.CardID, after loyalty.DeviceID, limit int) []loyalty.Device {
		t.Helper()
		devices, err := shop.Devices(t.Context(), m, card, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		return devices
	}
	if got := list(loyaltytest.Merchant, anna.ID, loyalty.DeviceID{}, 2); !reflect.DeepEqual(got, []loyalty.Device{added[2], added[1]}) {
		t.Errorf("the newest two: %+v", got)
	}
	if got := list(loyaltytest.Merchant, anna.ID, added[1].ID, 2); !reflect.DeepEqual(got, added[:1]) {
		t.Errorf("the rest: %+v", got)
	}
	if got := list(loyaltytest.Merchant, bert.ID, loyalty.DeviceID{}, 2); len(got) > 0 {
		t.Errorf("of another card: %+v", got)
	}
	if _, err := shop.Devices(t.Context(), loyaltytest.Stranger, anna.ID, loyalty.DeviceID{}, 2); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's card: %v", err)
	}
	if got, err := elsewhere.Device(t.Context(), loyaltytest.Merchant, anna.ID, added[1].ID); err != nil || got != added[1] {
		t.Errorf("one device: %+v, %v", got, err)
	}
	if _, err := shop.Device(t.Context(), loyaltytest.Stranger, anna.ID, added[1].ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's device: %v", err)
	}
	if _, err := shop.Device(t.Context(), loyaltytest.Merchant, bert.ID, added[1].ID); !errors.As(err, &refusal) || refusal.Code != loyalty.DeviceNotFound {
		t.Errorf("another card's device: %v", err)
	}
	stranger := loyalty.Device{ID: loyalty.NewID(), Card: anna.ID, Kind: loyalty.Phone}
	if _, err := shop.AddDevice(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, stranger, loyalty.Hash{}, loyalty.Answer{}); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a phone of another merchant's card: %v", err)
	}
}
