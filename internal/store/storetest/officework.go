package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// refusal is the code of what an error refuses, or its text.
func refusal(err error) loyalty.Code {
	var refused *loyalty.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return refused.Code
	}
	return loyalty.Code(err.Error())
}

func shown[T any](into *T) func(*T) (loyalty.Answer, error) {
	return func(value *T) (loyalty.Answer, error) {
		*into = *value
		return loyalty.Answer{}, nil
	}
}

// testPairing pairs a till twice: each token ends the one before.
func testPairing(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	till := loyaltytest.Till(t, "new")
	code := func(n byte) loyalty.Pairing {
		return loyalty.Pairing{Till: till.ID, Code: loyalty.Hash{n}, Expires: now.Add(time.Minute)}
	}
	pair := func(n byte, at time.Time) (loyalty.PairedTill, loyalty.Code) {
		var paired loyalty.PairedTill
		_, err := shop.Pair(t.Context(), loyalty.Answer{}, loyalty.Hash{n}, at, func(p *loyalty.PairedTill) (loyalty.Hash, loyalty.Answer, error) {
			paired = *p
			return loyalty.Hash{n, n}, loyalty.Answer{}, nil
		})
		return paired, refusal(err)
	}
	if _, err := shop.AddTill(t.Context(), loyalty.Answer{}, till, code(1), now); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.TillAccess(t.Context(), till.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("a till without a token: %v", err)
	}
	if _, got := pair(1, now.Add(time.Minute)); got != loyalty.PairingNotFound {
		t.Errorf("too late: %q", got)
	}
	paired, got := pair(1, now)
	if got != "" || paired.Till.ID != till.ID || !paired.Till.Paired.Equal(now) || paired.Till.Pairing != 1 || paired.At.Name != "Corner" || paired.Of.Name != "Shop" {
		t.Errorf("paired: %+v, %q", paired, got)
	}
	if _, got := pair(1, now); got != loyalty.PairingNotFound {
		t.Errorf("a second time: %q", got)
	}
	if access, err := shop.TillAccess(t.Context(), till.ID); err != nil || access.Hash != (loyalty.Hash{1, 1}) || access.Till.Pairing != 1 {
		t.Errorf("access %+v, %v", access, err)
	}
	for n := byte(2); n < 4; n++ { // the second takes the place of the first
		if _, err := shop.OpenPairing(t.Context(), loyalty.Answer{}, till.Merchant, code(n)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := shop.OpenPairing(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, code(4)); refusal(err) != loyalty.TillNotFound {
		t.Errorf("a stranger's till: %v", err)
	}
	var revoked loyalty.TillListing
	if _, got := pair(2, now); got != loyalty.PairingNotFound {
		t.Errorf("replaced: %q", got)
	}
	if _, err := shop.RevokeTill(t.Context(), loyalty.Answer{}, till.Merchant, till.ID, now, loyalty.LostClaims{}, shown(&revoked)); err != nil || !revoked.RevokedAt.Equal(now) {
		t.Errorf("revoked: %+v, %v", revoked, err)
	}
	if _, got := pair(3, now); got != loyalty.PairingNotFound {
		t.Errorf("a code of a till that was revoked: %q", got)
	}
	if _, err := shop.OpenPairing(t.Context(), loyalty.Answer{}, till.Merchant, code(5)); err != nil {
		t.Fatal(err)
	}
	if paired, got := pair(5, now); got != "" || paired.Till.Revoked || !paired.Till.RevokedAt.IsZero() || paired.Till.Pairing != 2 {
		t.Errorf("paired again: %+v, %q", paired, got)
	}
	facts := shop.read(t, loyalty.Keys{Tills: []loyalty.TillID{till.ID}})
	if is := facts.Tills[till.ID]; is.CheckPaired(2) != nil || refusal(is.CheckPaired(1)) != loyalty.TillRevoked {
		t.Errorf("the facts have %+v", is)
	}
}

// testPairingAtTheSameTime uses one code many times at once.
func testPairingAtTheSameTime(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range byte(5) {
		code := loyalty.Pairing{Till: shop.Front.ID, Code: loyalty.Hash{round}, Expires: loyaltytest.Now.Add(time.Minute)}
		if _, err := shop.OpenPairing(t.Context(), loyalty.Answer{}, shop.Front.Merchant, code); err != nil {
			t.Fatal(err)
		}
		var paired atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, err := stores[i%2].Pair(t.Context(), loyalty.Answer{}, code.Code, loyaltytest.Now, func(*loyalty.PairedTill) (loyalty.Hash, loyalty.Answer, error) {
					return loyalty.Hash{round, byte(i)}, loyalty.Answer{}, nil
				})
				if got := refusal(err); got == "" {
					paired.Add(1)
				} else if got != loyalty.PairingNotFound {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if paired.Load() != 1 {
			t.Errorf("round %d: %d devices were paired with one code", round, paired.Load())
		}
	}
}

// testGuesses tries wrong PINs on many tills at once: a merchant has ten, and gets
// one more each minute.
func testGuesses(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	tills := make([]loyalty.Till, 30)
	shop.Do(t, func(tx *store.Tx) (err error) {
		for i := range tills {
			tills[i] = loyaltytest.Till(t, fmt.Sprint("many ", i))
			err = errors.Join(err, tx.InsertTill(tills[i], loyalty.Hash{9}, loyaltytest.Now))
		}
		return err
	})
	now := loyaltytest.Now
	tryAll := func(mac []byte) (wrong, locked int64) {
		var counts [2]atomic.Int64
		var all sync.WaitGroup
		for i, till := range tills {
			all.Go(func() {
				_, err := stores[i%2].CheckPIN(t.Context(), loyaltytest.Merchant, till, mac, now)
				switch got := refusal(err); got {
				case store.PINWrong:
					counts[0].Add(1)
				case store.PINLocked:
					counts[1].Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		return counts[0].Load(), counts[1].Load()
	}
	if wrong, locked := tryAll([]byte("wrong")); wrong != 10 || locked != 20 {
		t.Errorf("%d were tried, %d refused untried", wrong, locked)
	}
	if _, locked := tryAll(ManagerPIN); locked != 30 {
		t.Error("the right PIN is taken while the merchant may not guess")
	}
	if _, err := shop.SetPIN(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, Manager.ID, []byte("other"), now, nil); refusal(err) != store.PINLocked {
		t.Errorf("set meanwhile: %v", err)
	}
	now = now.Add(time.Minute - time.Microsecond)
	if _, locked := tryAll([]byte("wrong")); locked != 30 {
		t.Error("forgiven too early")
	}
	now = now.Add(time.Microsecond)
	if wrong, _ := tryAll([]byte("wrong")); wrong != 1 {
		t.Errorf("%d were tried after a minute", wrong)
	}
	now = now.Add(time.Hour)
	if _, err := shop.CheckPIN(t.Context(), loyaltytest.Merchant, tills[0], ManagerPIN, now); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// testStaff sets PINs that colleagues have, and dismisses somebody.
func testStaff(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	anna := loyalty.Staff{ID: loyaltytest.ID("anna"), Merchant: loyaltytest.Merchant, Name: "Anna", Role: loyalty.Cashier}
	if _, err := shop.AddStaff(t.Context(), loyalty.Answer{}, anna, nil, now); err != nil {
		t.Fatal(err)
	}
	var who loyalty.StaffListing
	set := func(mac string) loyalty.Code {
		_, err := shop.SetPIN(t.Context(), loyalty.Answer{}, anna.Merchant, anna.ID, []byte(mac), now, shown(&who))
		return refusal(err)
	}
	if got := set("Anna's"); got != "" || !who.HasPIN {
		t.Errorf("a PIN: %q, %+v", got, who)
	}
	if got := set("Anna's"); got != "" {
		t.Errorf("one's own once more: %q", got)
	}
	for range 10 {
		if got := set(string(ManagerPIN)); got != loyalty.PINUnavailable {
			t.Fatalf("a colleague's: %q", got)
		}
	}
	if got := set(string(ManagerPIN)); got != store.PINLocked {
		t.Errorf("a colleague's, too often: %q", got)
	}
	if got := set("a fresh one"); got != store.PINLocked {
		t.Errorf("a fresh one then: %q", got)
	}
	now = now.Add(time.Hour)
	if staff, err := shop.CheckPIN(t.Context(), anna.Merchant, shop.Front, []byte("Anna's"), now); err != nil || staff != anna {
		t.Errorf("Anna's PIN: %+v, %v", staff, err)
	}
	if _, err := shop.DismissStaff(t.Context(), loyalty.Answer{}, anna.Merchant, anna.ID, now, shown(&who)); err != nil || who.HasPIN || !who.Dismissed.Equal(now) {
		t.Errorf("dismissed: %+v, %v", who, err)
	}
	if _, err := shop.CheckPIN(t.Context(), anna.Merchant, shop.Front, []byte("Anna's"), now); refusal(err) != store.PINWrong {
		t.Errorf("the PIN of who was dismissed: %v", err)
	}
	if got := set("Anna's"); got != loyalty.StaffDismissed {
		t.Errorf("a PIN for who was dismissed: %q", got)
	}
	_, err := shop.ChangeStaff(t.Context(), loyalty.Answer{}, anna.Merchant, anna.ID, shown(&who))
	if refusal(err) != loyalty.StaffDismissed {
		t.Errorf("change of who was dismissed: %v", err)
	}
	heir := loyalty.Staff{ID: loyaltytest.ID("heir"), Merchant: anna.Merchant, Name: "Ben", Role: loyalty.Cashier}
	if _, err := shop.AddStaff(t.Context(), loyalty.Answer{}, heir, []byte("Anna's"), now); err != nil {
		t.Errorf("a PIN that is free again: %v", err)
	}
	active, err := shop.Staff(t.Context(), anna.Merchant, false, loyalty.StaffID{}, 10)
	all, allErr := shop.Staff(t.Context(), anna.Merchant, true, loyalty.StaffID{}, 10)
	if err != nil || allErr != nil || len(active) != 2 || len(all) != 3 {
		t.Errorf("%d active, %d in all, %v, %v", len(active), len(all), err, allErr)
	}
}

// testKeys rotates keys, and lets two admin keys revoke each other at once.
func testKeys(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now := loyaltytest.Now
	key := func(name string) loyalty.KeyListing {
		return loyalty.KeyListing{ID: loyaltytest.ID(name), Merchant: loyaltytest.Merchant, Name: name, Scope: loyalty.Admin, Created: now}
	}
	add := func(k loyalty.KeyListing) {
		t.Helper()
		if _, err := shop.AddAPIKey(t.Context(), loyalty.Answer{}, k, loyalty.Hash{1}); err != nil {
			t.Fatal(err)
		}
	}
	one := key("one")
	add(one)
	if got, err := shop.APIKey(t.Context(), one.Merchant, one.ID); err != nil || !reflect.DeepEqual(got, one) {
		t.Errorf("got %+v, %v", got, err)
	}
	rotate := func(n byte, until time.Time) loyalty.Access {
		t.Helper()
		_, err := shop.RotateAPIKey(t.Context(), loyalty.Answer{}, one.Merchant, one.ID, until, func(*loyalty.KeyListing) (loyalty.Hash, loyalty.Answer, error) {
			return loyalty.Hash{n}, loyalty.Answer{}, nil
		})
		access, readErr := shop.KeyAccess(t.Context(), one.ID)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		return access
	}
	end := now.Add(time.Minute)
	graced := rotate(2, end)
	for _, test := range []struct {
		secret byte
		at     time.Time
		works  bool
	}{{2, now, true}, {1, now, true}, {2, end, true}, {1, end.Add(-1), true}, {1, end, false}, {3, now, false}, {0, now, false}} {
		if graced.Proves(loyalty.Hash{test.secret}, test.at) != test.works {
			t.Errorf("secret %d at %s: %v", test.secret, test.at, !test.works)
		}
	}
	if at := rotate(3, time.Time{}); at.Proves(loyalty.Hash{2}, now) || at.Proves(loyalty.Hash{1}, now) || !at.Proves(loyalty.Hash{3}, now) {
		t.Errorf("rotated without grace: %+v", at)
	}
	stores := []*Shop{shop, shop.sibling(t)}
	for round := range 5 {
		two := key(fmt.Sprint("two ", round))
		add(two)
		var errs [2]error
		var all sync.WaitGroup
		for i, id := range []loyalty.APIKeyID{one.ID, two.ID} {
			all.Go(func() {
				var gone loyalty.KeyListing
				_, errs[i] = stores[i].RevokeAPIKey(t.Context(), loyalty.Answer{}, one.Merchant, id, now, shown(&gone))
			})
		}
		all.Wait()
		if got := refusal(errors.Join(errs[0], errs[1])); got != loyalty.LastAdminKey || errs[0] != nil && errs[1] != nil {
			t.Errorf("round %d: %v, %v", round, errs[0], errs[1])
		}
		left, err := shop.APIKeys(t.Context(), one.Merchant, false, loyalty.APIKeyID{}, 10)
		if err != nil || len(left) != 1 {
			t.Fatalf("%d keys are left, %v", len(left), err)
		}
		one = left[0]
	}
}
