package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// tryIssue lets a till give a code out.
func (s *Shop) tryIssue(t testing.TB, k loyalty.ClaimCode) error {
	command := loyalty.Command{Merchant: k.Merchant, Till: k.Till, Location: k.Location, Role: k.Role, Captured: k.Issued, Do: k.Earning}
	_, err := s.IssueClaim(t.Context(), command, k.Program, func(*loyalty.Program, loyalty.EntryID) (*loyalty.ClaimCode, loyalty.Answer, error) {
		return &k, loyalty.Answer{}, nil
	})
	return err
}

// testClaimLimit lets a till give out all that it may in a day, in part from two
// processes at once.
func testClaimLimit(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	elsewhere := shop.sibling(t)
	code := func(name string, changes ...func(*loyalty.ClaimCode)) loyalty.ClaimCode {
		k := newClaim(shop, name, changes...)
		k.Purchase = nil
		return k
	}
	cashier := func(k *loyalty.ClaimCode) { k.Role = loyalty.Cashier }
	for i := range loyalty.MaxClaims - 5 {
		if err := shop.tryIssue(t, code(fmt.Sprint("early ", i), cashier)); err != nil {
			t.Fatal(err)
		}
	}
	tries := make(chan error, 20)
	for i := range cap(tries) {
		go func() {
			tries <- []*Shop{shop, elsewhere}[i%2].tryIssue(t, code(fmt.Sprint("late ", i), cashier))
		}()
	}
	given := 0
	for range cap(tries) {
		switch err := <-tries; {
		case err == nil:
			given++
		case !refused(err, loyalty.PINRequired):
			t.Error(err)
		}
	}
	if given != 5 {
		t.Errorf("%d more were given out, want 5", given)
	}
	for name, test := range map[string]struct {
		change func(*loyalty.ClaimCode)
		ok     bool
	}{
		"nobody":       {func(k *loyalty.ClaimCode) { k.Role = loyalty.NoRole }, false},
		"a manager":    {func(k *loyalty.ClaimCode) { k.Role = loyalty.Manager }, true},
		"another till": {func(k *loyalty.ClaimCode) { k.Role, k.Till = loyalty.NoRole, shop.Back.ID }, true},
		"the next day": {func(k *loyalty.ClaimCode) { k.Role, k.Issued = loyalty.NoRole, k.Issued.Add(loyalty.ClaimDay) }, true},
		"almost so far": {func(k *loyalty.ClaimCode) {
			k.Role, k.Issued = loyalty.NoRole, k.Issued.Add(loyalty.ClaimDay-time.Second)
		}, false},
	} {
		if err := shop.tryIssue(t, code(name, test.change)); test.ok && err != nil || !test.ok && !refused(err, loyalty.PINRequired) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testRevokedTillsClaims revokes a till with codes that were given out before and
// after its loss, and with one that was claimed.
func testRevokedTillsClaims(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	lost := loyaltytest.Now.Add(-time.Hour)
	old := newClaim(shop, "old", func(k *loyalty.ClaimCode) { k.Issued = lost.Add(-time.Microsecond) })
	printed := newClaim(shop, "printed", func(k *loyalty.ClaimCode) { k.Issued = lost })
	claimed := newClaim(shop, "claimed", func(k *loyalty.ClaimCode) { k.Issued, k.Purchase = lost.Add(time.Minute), nil })
	other := newClaim(shop, "other", func(k *loyalty.ClaimCode) { k.Till = shop.Back.ID })
	all := []loyalty.ClaimCode{old, printed, claimed, other}
	for _, k := range all {
		shop.issue(t, k)
	}
	shop.Must(t, claiming("claimed", claimed, shop.Card(t, shop.Stamps, "anna").ID))
	revoke := func(lost loyalty.LostClaims) {
		t.Helper()
		_, err := shop.RevokeTill(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, shop.Front.ID, loyaltytest.Now, lost,
			func(*loyalty.TillListing) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	withdrawn := func() (list []bool) {
		t.Helper()
		for _, k := range all {
			got, err := shop.Claim(t.Context(), k.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Withdrawn.IsZero() && got.Purchase != nil {
				t.Errorf("%s is withdrawn with its purchase", got.ID)
			}
			list = append(list, !got.Withdrawn.IsZero())
		}
		return list
	}
	for _, step := range []struct {
		lost loyalty.LostClaims
		want []bool
	}{
		{loyalty.LostClaims{Keep: true}, []bool{false, false, false, false}},
		{loyalty.LostClaims{Since: lost}, []bool{false, true, false, false}},
		{loyalty.LostClaims{}, []bool{true, true, false, false}},
	} {
		if revoke(step.lost); !reflect.DeepEqual(withdrawn(), step.want) {
			t.Errorf("%+v: withdrawn %v, want %v", step.lost, withdrawn(), step.want)
		}
	}
	if err := shop.tryIssue(t, newClaim(shop, "behind", func(k *loyalty.ClaimCode) { k.Purchase = nil })); !refused(err, loyalty.TillRevoked) {
		t.Errorf("a revoked till gives out: %v", err)
	}

	first, err := shop.TillClaims(t.Context(), shop.Front.ID, loyalty.ClaimID{}, 2)
	if err != nil || len(first) != 2 || first[0].ID != claimed.ID || first[1].ID != printed.ID {
		t.Fatalf("the newest two: %+v, %v", first, err)
	}
	rest, err := shop.TillClaims(t.Context(), shop.Front.ID, first[1].ID, 2)
	if err != nil || len(rest) != 1 || rest[0].ID != old.ID {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
}
