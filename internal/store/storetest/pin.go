package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

func testPIN(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	check := func(mac []byte) (loyalty.Staff, loyalty.Code, time.Time) {
		staff, err := shop.CheckPIN(t.Context(), loyaltytest.Merchant, shop.Front, mac, now)
		var refusal *loyalty.Refusal
		if errors.As(err, &refusal) {
			return staff, refusal.Code, refusal.RetryAt
		}
		if err != nil {
			t.Fatal(err)
		}
		return staff, "", time.Time{}
	}
	wrong := func(times int) {
		t.Helper()
		for range times {
			if _, code, _ := check([]byte("wrong")); code != store.PINWrong {
				t.Fatalf("a wrong PIN: %q", code)
			}
		}
	}
	right := func() {
		t.Helper()
		if staff, code, _ := check(ManagerPIN); staff != Manager {
			t.Fatalf("the right PIN: %+v, %q", staff, code)
		}
	}
	right()
	wrong(4)
	right() // and the count begins anew
	for _, pause := range []time.Duration{5, 10, 20, 40, 60, 60} {
		wrong(5)
		_, code, until := check(ManagerPIN)
		if code != store.PINLocked || !until.Equal(now.Add(pause*time.Minute)) {
			t.Fatalf("locked for %s: %q until %s", pause*time.Minute, code, until)
		}
		now = until.Add(-time.Microsecond)
		if _, code, _ := check(ManagerPIN); code != store.PINLocked {
			t.Fatalf("just before the end: %q", code)
		}
		now = until
	}
	right()
	wrong(4)

	if _, err := shop.CheckPIN(t.Context(), loyaltytest.Stranger, shop.Front, ManagerPIN, now); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("another merchant's till: %v", err)
	}
	if _, err := shop.CheckPIN(t.Context(), loyaltytest.Merchant, shop.Back, ManagerPIN, now); err != nil {
		t.Errorf("another till: %v", err)
	}
}

// testPINsAtTheSameTime tries ten wrong PINs at once: no more are tried than one
// after the other.
func testPINsAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	var wrong, locked atomic.Int64
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			_, err := stores[i%2].CheckPIN(t.Context(), loyaltytest.Merchant, shop.Front, []byte("wrong"), loyaltytest.Now)
			var refusal *loyalty.Refusal
			switch {
			case !errors.As(err, &refusal):
				t.Error(err)
			case refusal.Code == store.PINWrong:
				wrong.Add(1)
			case refusal.Code == store.PINLocked:
				locked.Add(1)
			}
		})
	}
	all.Wait()
	if wrong.Load() != 5 || locked.Load() != 5 {
		t.Errorf("%d were tried, %d refused untried", wrong.Load(), locked.Load())
	}
}
