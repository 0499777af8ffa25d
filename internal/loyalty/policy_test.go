package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func by(m loyalty.Method) func(*loyalty.Command) {
	return func(c *loyalty.Command) { c.Scan.Method, c.Scan.Expires = m, time.Time{} }
}

var printed = loyaltytest.Photographable(loyalty.Print, 1)

// What each method may do where the program says nothing of it, and what it says
// where it does: whose PIN each action wants, and that less is refused.
func TestPolicyNeeds(t *testing.T) {
	t.Parallel()
	const none, cashier, manager = loyalty.NoRole, loyalty.Cashier, loyalty.Manager
	policy := func(p loyalty.Policy) []loyalty.Policy { return []loyalty.Policy{p} }
	tests := []struct {
		name         string
		policies     []loyalty.Policy
		shows        func(*loyalty.Command)
		earn, redeem loyalty.Role
	}{
		{"live", nil, by(loyalty.Live), none, none},
		{"rotating", nil, by(loyalty.Rotating), none, none},
		{"static", nil, printed, none, cashier},
		{"manual", nil, by(loyalty.Manual), none, manager},
		{"manual earns with a PIN", policy(loyalty.Policy{Method: "manual", Action: "earn", Needs: "cashier"}), by(loyalty.Manual), cashier, manager},
		{"static redeems without", policy(loyalty.Policy{Method: "static", Action: "redeem", Needs: "none"}), printed, none, none},
		{"live redeems with a manager's", policy(loyalty.Policy{Method: "live", Action: "redeem", Needs: "manager"}), by(loyalty.Live), none, manager},
		{"of another method", policy(loyalty.Policy{Method: "static", Action: "redeem", Needs: "manager"}), by(loyalty.Live), none, none},
		{"a policy that says something else", policy(loyalty.Policy{Method: "static", Action: "earn", Cooldown: 60}), printed, none, cashier},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, policies(tt.policies...)))
			do := func(action loyalty.Action, needs loyalty.Role) {
				for role := none; role < needs; role++ {
					if refusal := shop.Refused(loyalty.PINRequired, action, tt.shows, loyaltytest.Approved(role)); refusal.Needs != needs {
						t.Errorf("%T needs %s, want %s", action, refusal.Needs, needs)
					}
				}
				shop.Do(action, tt.shows, loyaltytest.Approved(needs))
			}
			do(loyalty.Earning{Units: 10}, tt.earn)
			card, scan := shop.Card(), shop.Command(loyalty.Redemption{}, tt.shows).Scan
			for _, offer := range loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), nil, nil, &scan, shop.Now) {
				if offer.Needs != tt.redeem || offer.Refused {
					t.Errorf("offered %+v, needs %s", offer, tt.redeem)
				}
			}
			do(loyalty.Redemption{Reward: loyaltytest.Cone}, tt.redeem)
		})
	}
}

// An old wallet code redeems with a manager's PIN whatever the program says of
// static ones.
func TestPolicyCannotRedeemAnOldWalletCode(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t,
		loyaltytest.Program(t, policies(loyalty.Policy{Method: "static", Action: "redeem", Needs: "none"})),
		func(c *loyalty.Card) { c.WalletGen = 2 })
	shop.Do(loyalty.Earning{Units: 10})
	old := loyaltytest.Photographable(loyalty.Wallet, 1)
	if refusal := shop.Refused(loyalty.PINRequired, loyalty.Redemption{Reward: loyaltytest.Cone}, old); refusal.Needs != loyalty.Manager {
		t.Errorf("needs %s", refusal.Needs)
	}
}

func TestPolicyRefusesAMethod(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, policies(
		loyalty.Policy{Method: "manual", Action: "earn", Refused: true},
		loyalty.Policy{Method: "static", Action: "redeem", Refused: true},
	)))
	boss := loyaltytest.Approved(loyalty.Owner) // nobody is above it
	shop.Refused(loyalty.CredentialNotAccepted, loyalty.Earning{Units: 10}, by(loyalty.Manual), boss)
	shop.Do(loyalty.Earning{Units: 10}, printed)
	shop.Refused(loyalty.CredentialNotAccepted, loyalty.Redemption{Reward: loyaltytest.Cone}, printed, boss)
	card, scan := shop.Card(), loyalty.Scanned{Method: loyalty.Static, Surface: loyalty.Print, Generation: 1}
	if offers := loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), nil, nil, &scan, shop.Now); len(offers) != 1 || !offers[0].Refused {
		t.Errorf("offers %+v", offers)
	}
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}, by(loyalty.Manual), boss)
	if rules := &shop.Program().Rules; !rules.Takes(loyalty.Manual) || !rules.Takes(loyalty.Static) {
		t.Error("a method that is good for one thing is taken")
	}
}

func TestPolicyCooldown(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Earn.Cooldown, r.Earn.StaticCooldown = 60, 120
		r.Policies = []loyalty.Policy{
			{Method: "manual", Action: "earn", Cooldown: 3600},
			{Method: "live", Action: "earn", Cooldown: 30}, // never shorter than the program's
		}
	}))
	for method, wait := range map[loyalty.Method]time.Duration{
		loyalty.Live: time.Minute, loyalty.Static: 2 * time.Minute, loyalty.Manual: time.Hour, loyalty.Rotating: time.Minute,
	} {
		shows := by(method)
		if method == loyalty.Static {
			shows = printed
		}
		shop.After(time.Hour)
		shop.Do(loyalty.Earning{Units: 1})
		shop.After(wait - 1)
		if refusal := shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, shows); !refusal.RetryAt.Equal(shop.Now.Add(1)) {
			t.Errorf("%s may earn again at %s", method, refusal.RetryAt)
		}
		shop.After(1)
		shop.Do(loyalty.Earning{Units: 1}, shows)
	}
}

// A manager lifts a cooldown where the program lets her, and the entry says who.
func TestOverrideLiftsTheCooldown(t *testing.T) {
	t.Parallel()
	cooling := func(r *loyalty.Rules) { r.Earn.Cooldown = 3600 }
	manager := loyaltytest.Approved(loyalty.Manager)
	shop := loyaltytest.Open(t, loyaltytest.Program(t, cooling))
	shop.Do(loyalty.Earning{Units: 1})
	if refusal := shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, manager); refusal.Needs != loyalty.NoRole {
		t.Errorf("a PIN that would not help is asked for: %s", refusal.Needs)
	}
	shop.Publish(func(r *loyalty.Rules) { r.Earn.Override = true })
	if refusal := shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1}, loyaltytest.Approved(loyalty.Cashier)); refusal.Needs != loyalty.Manager || refusal.RetryAt.IsZero() {
		t.Errorf("refused with %+v", refusal)
	}
	if entry := shop.Entry(loyalty.Earning{Units: 1}, manager); entry.Staff != loyalty.StaffID(loyaltytest.ID("staff manager")) {
		t.Errorf("the entry names %s", entry.Staff)
	}
}

// There may be a policy for each way to present a card and each action; of a list that
// is longer no policy is looked at.
func TestPoliciesAreBounded(t *testing.T) {
	var all []loyalty.Policy
	for _, method := range []string{"live", "rotating", "static", "tap", "vas", "smarttap", "manual"} {
		for _, action := range []string{"earn", "redeem", "grant"} {
			all = append(all, loyalty.Policy{Method: method, Action: action, Needs: "none"})
		}
	}
	rules := loyaltytest.Program(t).Rules
	rules.Policies = all
	if err := rules.Check(); err != nil || len(all) != loyalty.MaxPolicies {
		t.Errorf("%d policies: %v", len(all), err)
	}
	rules.Policies = slices.Repeat([]loyalty.Policy{{}}, loyalty.MaxPolicies+1)
	if err := rules.Check(); err == nil || err.Error() != "policies are more than 21" {
		t.Errorf("one more: %v", err)
	}
}
