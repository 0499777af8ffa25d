package loyalty_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestTermsOfEarning(t *testing.T) {
	t.Parallel()
	const wait = 600
	for name, tt := range map[string]struct {
		rules   func(*loyalty.Rules)
		before  int64 // units, a minute ago
		scan    []func(*loyalty.Command)
		allowed bool
		needs   loyalty.Role
		why     loyalty.Code
		left    int64
	}{
		"nothing in the way": {func(*loyalty.Rules) {}, 0, nil, true, loyalty.NoRole, "", -1},
		"a cooldown":         {func(r *loyalty.Rules) { r.Earn.Cooldown = wait }, 1, nil, false, loyalty.NoRole, loyalty.CooldownActive, -1},
		"a manager may lift it": {
			func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.Override = wait, true }, 1, nil, true, loyalty.Manager, loyalty.CooldownActive, -1,
		},
		"the policy wants a PIN": {
			func(r *loyalty.Rules) {
				r.Policies = []loyalty.Policy{{Method: "live", Action: "earn", Needs: "cashier"}}
			}, 0, nil, true, loyalty.Cashier, loyalty.PINRequired, -1,
		},
		"not taken": {
			func(r *loyalty.Rules) {
				r.Policies = []loyalty.Policy{{Method: "live", Action: "earn", Refused: true}}
			}, 0, nil, false, loyalty.NoRole, loyalty.CredentialNotAccepted, -1,
		},
		"some left today":   {func(r *loyalty.Rules) { r.Earn.DailyCap = 5 }, 3, nil, true, loyalty.NoRole, "", 2},
		"nothing left":      {func(r *loyalty.Rules) { r.Earn.DailyCap = 3 }, 3, nil, false, loyalty.NoRole, loyalty.DailyCapReached, 0},
		"an expired handle": {func(*loyalty.Rules) {}, 0, []func(*loyalty.Command){loyaltytest.ScannedAgo(time.Hour)}, false, loyalty.NoRole, loyalty.ScanExpired, -1},
		"over":              {func(r *loyalty.Rules) { r.Ends = loyaltytest.Now }, 0, nil, false, loyalty.NoRole, loyalty.ProgramEnded, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }, tt.rules))
			if tt.before > 0 {
				shop.Do(loyalty.Earning{Units: tt.before})
			}
			shop.Now = shop.Now.Add(time.Minute)
			c := shop.Command(loyalty.Earning{Units: 1}, tt.scan...)
			got := loyalty.TermsOfEarning(shop.Book.Read(loyaltytest.Keys([]*loyalty.Command{c})).Cards[c.Card], shop.Till, *c, shop.Now)
			if got.Allowed != tt.allowed || got.Needs != tt.needs || got.LeftToday != tt.left {
				t.Errorf("got %+v", got)
			}
			if (got.Why == nil) != (tt.why == "") || got.Why != nil && got.Why.Code != tt.why {
				t.Errorf("because of %+v, want %q", got.Why, tt.why)
			}
		})
	}
}

// ofThePurchase are refusals that no terms foresee: what is earned for is not known yet.
var ofThePurchase = []loyalty.Code{
	loyalty.UnitsOutOfRange, loyalty.UnitsNotAccepted, loyalty.PurchaseRequired, loyalty.PurchaseInvalid, loyalty.PurchaseCredited,
	loyalty.CurrencyMismatch, loyalty.NothingToEarn,
}

// What is announced is what Decide then does, with each PIN.
func TestTermsAreWhatDecideDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "terms")
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			step := play.Next(t)
			play.Publish(step)
			for _, c := range step.Batch {
				if do, earns := c.Do.(loyalty.Earning); earns && !c.Till.IsZero() {
					holdTerms(t, play.Book, c, do, step.Now)
				}
			}
			if _, err := play.Post(step); err != nil {
				t.Fatal(err)
			}
		}})
	})
}

func holdTerms(t *rapid.T, book *loyaltytest.Book, c *loyalty.Command, do loyalty.Earning, now time.Time) {
	facts := book.Read(loyaltytest.Keys([]*loyalty.Command{c}))
	state, till := facts.Cards[c.Card], facts.Tills[c.Till]
	if loyalty.CheckLook(state, till, c.Pairing, &c.Scan) != nil {
		return
	}
	rule := &state.Program.Earn
	if do.Units > 1 {
		do.Units = 1
	}
	terms := loyalty.TermsOfEarning(state, till, *c, now)
	for role := loyalty.NoRole; role <= loyalty.Manager; role++ {
		try := *c
		try.Do, try.Role = do, role
		_, err := loyalty.Decide(facts, &try, now, loyaltytest.IDs("terms"))
		var refusal *loyalty.Refusal
		errors.As(err, &refusal)
		manyInOne := refusal != nil && refusal.Code == loyalty.PINRequired && rule.PerScan > 0 && do.Units == 0
		switch {
		case refusal != nil && slices.Contains(ofThePurchase, refusal.Code) || manyInOne && terms.Allowed && role >= terms.Needs:
		case terms.Allowed && role >= terms.Needs:
			if refusal != nil {
				t.Fatalf("announced %+v, and under the PIN of %v %v", terms, role, refusal)
			}
		case refusal == nil:
			t.Fatalf("announced %+v (%v), and under the PIN of %v it was posted", terms, terms.Why, role)
		case (role == loyalty.NoRole && terms.Allowed || role == loyalty.Manager) && (refusal.Code != terms.Why.Code || !refusal.RetryAt.Equal(terms.Why.RetryAt)):
			t.Fatalf("announced %v, refused for %v", terms.Why, refusal)
		}
	}
}
