package storetest

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// Looking customers up takes a PIN, a wrong one counts as everywhere, and a till
// has to wait when it has looked too many up.
func testLookups(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	look := func(till loyalty.Till, mac []byte) (loyalty.Staff, *loyalty.Refusal) {
		t.Helper()
		staff, err := shop.NoteLookup(t.Context(), loyalty.Lookup{
			ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Till: till.ID, At: now,
		}, till, mac)
		var refusal *loyalty.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		return staff, refusal
	}
	refused := func(code loyalty.Code, till loyalty.Till, mac []byte) *loyalty.Refusal {
		t.Helper()
		_, refusal := look(till, mac)
		if refusal == nil || refusal.Code != code {
			t.Fatalf("got %v, want %s", refusal, code)
		}
		return refusal
	}
	if r := refused(loyalty.PINRequired, shop.Front, nil); r.Needs != loyalty.Cashier {
		t.Errorf("without a PIN: %+v", r)
	}
	refused(store.PINWrong, shop.Front, []byte("wrong"))
	unpaired := shop.Front
	unpaired.Pairing++
	refused(loyalty.TillRevoked, unpaired, nil)
	refused(loyalty.TillRevoked, unpaired, ManagerPIN)

	began := now
	for range 60 {
		if staff, r := look(shop.Front, ManagerPIN); r != nil || staff != Manager {
			t.Fatalf("%+v, %v", staff, r)
		}
		now = now.Add(time.Second)
	}
	if r := refused(loyalty.TooManyLookups, shop.Front, ManagerPIN); !r.RetryAt.Equal(began.Add(time.Hour)) {
		t.Errorf("may go on at %s, want an hour after %s", r.RetryAt, began)
	}
	if _, r := look(shop.Back, ManagerPIN); r != nil {
		t.Errorf("another till: %v", r)
	}
	now = began.Add(time.Hour)
	if _, r := look(shop.Front, ManagerPIN); r != nil {
		t.Errorf("an hour later: %v", r)
	}
	refused(loyalty.TooManyLookups, shop.Front, ManagerPIN) // the next one is a second later

	if n, err := shop.Prune(t.Context(), now.Add(90*24*time.Hour-time.Microsecond)); err != nil || n != 61 {
		t.Errorf("%d look-ups were forgotten before the last one's 90 days, %v", n, err)
	}
}
