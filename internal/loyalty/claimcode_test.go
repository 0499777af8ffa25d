package loyalty_test

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// issue lets the shop's till give a claim code out now.
func issue(t *testing.T, shop *loyaltytest.Shop, name string, do loyalty.Earning, changes ...func(*loyalty.Command)) loyalty.ClaimCode {
	t.Helper()
	code, err := loyalty.IssueClaim(shop.Program(), shop.Till, *shop.Command(do, changes...), loyalty.EntryID{})
	if err != nil {
		t.Fatalf("issue %s: %v", name, err)
	}
	code.ID = loyaltytest.ID(name)
	shop.Book.Claims[code.ID] = code
	return code
}

// claiming is what claims a code.
func claiming(code loyalty.ClaimCode) (loyalty.Action, func(*loyalty.Command)) {
	return loyalty.Claiming{Claim: code.ID, Earning: code.Earning}, code.Present
}

func TestClaimEarnsInTheNameOfItsTill(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	code := issue(t, shop, "slip", loyalty.Earning{Units: 3}, loyaltytest.Approved(loyalty.Manager))
	if code.Worth != 3 || !code.Expires.Equal(shop.Now.Add(14*24*time.Hour)) {
		t.Errorf("issued %+v", code)
	}
	given := shop.Now
	shop.After(13 * 24 * time.Hour)
	revoked := shop.Till
	revoked.Revoked = true // the slip outlives its till
	shop.Pair(revoked)
	do, present := claiming(code)
	e := shop.Entry(do, present)
	if e.Units != 3 || e.Till != shop.Till.ID || e.Location != shop.Till.Location || e.Staff != code.Staff || e.Method != loyalty.Slip ||
		!e.Captured.Equal(given) || !e.Posted.Equal(shop.Now) {
		t.Errorf("posted %+v", e)
	}
	if kept := shop.Book.Claims[code.ID]; !kept.Claimed.Equal(shop.Now) || kept.Card != shop.CardID || kept.Entry != e.ID {
		t.Errorf("the code remembers %+v", kept)
	}
}

// Whoever comes second is told when, and nothing more: on the same card, where the
// nonce tells, and on another one, where the code's row does.
func TestClaimedOnce(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	other := loyaltytest.Card(shop.Program(), "bert")
	shop.Book.Cards[other.ID] = other
	code := issue(t, shop, "slip", loyalty.Earning{Units: 3})
	do, present := claiming(code)
	batch := []*loyalty.Command{
		shop.Command(do, present),
		shop.Command(do, present, func(c *loyalty.Command) { c.Card = other.ID }),
		shop.Command(do, present),
	}
	for round := range 2 { // within one batch, and after it
		results, err := shop.Book.Post(batch, shop.Now.Add(time.Duration(round)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			var refusal *loyalty.Refusal
			if round == 0 && i == 0 {
				if r.Err != nil {
					t.Fatal(r.Err)
				}
				continue
			}
			if !errors.As(r.Err, &refusal) || refusal.Code != loyalty.ClaimUsed || !refusal.Used.At.Equal(shop.Now) ||
				!refusal.Entry.IsZero() || !refusal.Used.Till.IsZero() {
				t.Errorf("round %d, command %d: %+v", round, i, r.Err)
			}
		}
	}
}

func TestClaimIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		code  loyalty.Code
		state func(*loyalty.ClaimCode)
		after time.Duration
	}{
		"withdrawn":          {loyalty.ClaimWithdrawn, func(k *loyalty.ClaimCode) { k.Withdrawn = k.Issued }, 0},
		"a moment too late":  {loyalty.ClaimExpired, func(*loyalty.ClaimCode) {}, loyalty.ClaimLife + time.Microsecond},
		"of another program": {loyalty.ClaimOtherProgram, func(k *loyalty.ClaimCode) { k.Program = loyaltytest.ID("other") }, 0},
		"of another merchant": {
			loyalty.ClaimNotFound,
			func(k *loyalty.ClaimCode) { k.Merchant = loyaltytest.Stranger },
			0,
		},
	} {
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		code := issue(t, shop, name, loyalty.Earning{Units: 3})
		do, present := claiming(code)
		tt.state(&code)
		shop.Book.Claims[code.ID] = code
		shop.After(tt.after)
		shop.Refused(tt.code, do, present)
	}
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	do, present := claiming(issue(t, shop, "in time", loyalty.Earning{Units: 3}))
	shop.After(loyalty.ClaimLife)
	shop.Do(do, present)
}

// What a till may not earn for anybody, it gives no code for.
func TestIssueIsRefused(t *testing.T) {
	t.Parallel()
	purchase := loyaltytest.Purchase("receipt", 100)
	for name, tt := range map[string]struct {
		code     loyalty.Code
		rules    func(*loyalty.Rules)
		do       loyalty.Earning
		till     func(*loyalty.Till)
		credited loyalty.EntryID
	}{
		"no units":          {code: loyalty.UnitsOutOfRange},
		"not started":       {code: loyalty.ProgramNotStarted, rules: func(r *loyalty.Rules) { r.Starts = loyaltytest.Now.Add(1) }, do: loyalty.Earning{Units: 1}},
		"ended":             {code: loyalty.ProgramEnded, rules: func(r *loyalty.Rules) { r.Ends = loyaltytest.Now }, do: loyalty.Earning{Units: 1}},
		"above the maximum": {code: loyalty.PINRequired, rules: func(r *loyalty.Rules) { r.Earn.PerScan = 2 }, do: loyalty.Earning{Units: 3}},
		"above any day":     {code: loyalty.UnitsOutOfRange, rules: func(r *loyalty.Rules) { r.Earn.DailyCap = 2 }, do: loyalty.Earning{Units: 3}},
		"unpaired":          {code: loyalty.TillRevoked, till: func(till *loyalty.Till) { till.Revoked = true }, do: loyalty.Earning{Units: 1}},
		"credited before":   {code: loyalty.PurchaseCredited, do: loyalty.Earning{Units: 1, Purchase: purchase}, credited: loyaltytest.ID("entry")},
		"visits":            {code: loyalty.UnitsNotAccepted, rules: func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByVisit, PerVisit: 1} }, do: loyalty.Earning{Units: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			shop := loyaltytest.Open(t, loyaltytest.Program(t))
			if tt.rules != nil {
				shop.Publish(tt.rules)
			}
			if tt.till != nil {
				tt.till(&shop.Till)
			}
			_, err := loyalty.IssueClaim(shop.Program(), shop.Till, *shop.Command(tt.do), tt.credited)
			var refusal *loyalty.Refusal
			if !errors.As(err, &refusal) || refusal.Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			if tt.credited != refusal.Entry {
				t.Errorf("told of entry %s", refusal.Entry)
			}
		})
	}
}

// One purchase, by a code and directly: whichever comes second is refused.
func TestClaimedPurchaseIsCreditedOnce(t *testing.T) {
	t.Parallel()
	bought := loyalty.Earning{Units: 1, Purchase: loyaltytest.Purchase("receipt", 100)}

	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	do, present := claiming(issue(t, shop, "slip", bought))
	direct := shop.Entry(bought)
	if r := shop.Refused(loyalty.PurchaseCredited, do, present); r.Entry != direct.ID {
		t.Errorf("told of %s", r.Entry)
	}
	shop.Do(loyalty.Reversal{Entry: direct.ID})
	shop.Do(do, present)

	shop = loyaltytest.Open(t, loyaltytest.Program(t))
	do, present = claiming(issue(t, shop, "slip", bought))
	claimed := shop.Entry(do, present)
	if r := shop.Refused(loyalty.PurchaseCredited, bought); r.Entry != claimed.ID {
		t.Errorf("told of %s", r.Entry)
	}
}

// Cooldown and daily cap are those of the moment of the purchase.
func TestClaimCountsAsOfItsPurchase(t *testing.T) {
	t.Parallel()
	open := func() *loyaltytest.Shop {
		return loyaltytest.Open(t, loyaltytest.Program(t, func(p *loyalty.Rules) {
			p.Earn.Cooldown, p.Earn.DailyCap, p.Ends = 600, 4, loyaltytest.Now.Add(3*24*time.Hour)
		}))
	}
	one := loyalty.Earning{Units: 1}

	shop := open()
	first, presentFirst := claiming(issue(t, shop, "first", one))
	shop.After(9 * time.Minute)
	second, presentSecond := claiming(issue(t, shop, "second", one))
	shop.After(10 * time.Minute)
	third, presentThird := claiming(issue(t, shop, "third", one))
	shop.After(4 * 24 * time.Hour) // the program has ended, and the purchases were before
	shop.Do(second, presentSecond)
	if r := shop.Refused(loyalty.CooldownActive, first, presentFirst); !r.RetryAt.IsZero() {
		t.Errorf("waiting until %s would not help", r.RetryAt)
	}
	shop.Do(third, presentThird)
	if c := shop.Card(); !c.LastEarn.Equal(loyaltytest.Now.Add(19*time.Minute)) || c.DayUnits != 2 {
		t.Errorf("card %+v", c)
	}

	shop = open() // a claim from before the last earn does not set it back
	early, presentEarly := claiming(issue(t, shop, "early", one))
	shop.After(time.Hour)
	shop.Do(one)
	at := shop.Now
	shop.Do(early, presentEarly)
	if !shop.Card().LastEarn.Equal(at) {
		t.Errorf("the last earn is %s", shop.Card().LastEarn)
	}
	shop.Refused(loyalty.CooldownActive, one)

	shop = open() // two days' slips, claimed on the third
	monday, presentMonday := claiming(issue(t, shop, "monday", loyalty.Earning{Units: 4}))
	again, presentAgain := claiming(issue(t, shop, "again", loyalty.Earning{Units: 1}))
	shop.After(24 * time.Hour)
	tuesday, presentTuesday := claiming(issue(t, shop, "tuesday", loyalty.Earning{Units: 4}))
	shop.After(24 * time.Hour)
	shop.Do(monday, presentMonday)
	shop.Refused(loyalty.CooldownActive, again, presentAgain)
	shop.Do(tuesday, presentTuesday)
	if c := shop.Card(); c.Balance != 8 || c.DayUnits != 4 {
		t.Errorf("card %+v", c)
	}
	shop.Do(loyalty.Earning{Units: 4}) // today's are still there
}

// A daily cap of a day that is over is told without a time to wait for; of a day
// that the card has left behind, today's share counts.
func TestClaimBeyondItsDay(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(p *loyalty.Rules) { p.Earn.DailyCap = 4 }))
	more, presentMore := claiming(issue(t, shop, "more", loyalty.Earning{Units: 2}))
	shop.Do(loyalty.Earning{Units: 3})
	if r := shop.Refused(loyalty.DailyCapReached, more, presentMore); !r.RetryAt.IsZero() {
		t.Errorf("waiting until %s would not help", r.RetryAt)
	}
	shop.After(24 * time.Hour)
	if r := shop.Refused(loyalty.DailyCapReached, more, presentMore); !r.RetryAt.IsZero() {
		t.Errorf("waiting until %s would not help", r.RetryAt)
	}
	shop.Do(loyalty.Earning{Units: 3})
	if r := shop.Refused(loyalty.DailyCapReached, more, presentMore); !r.RetryAt.After(shop.Now) {
		t.Errorf("retry at %s", r.RetryAt)
	}
	shop.After(24 * time.Hour)
	shop.Do(more, presentMore)
}

// A claim that is voided may be scanned directly, and no longer holds the cooldown.
func TestVoidedClaim(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(p *loyalty.Rules) { p.Earn.Cooldown = 600 }))
	do, present := claiming(issue(t, shop, "slip", loyalty.Earning{Units: 3}))
	e := shop.Entry(do, present)
	shop.Refused(loyalty.CooldownActive, loyalty.Earning{Units: 1})
	shop.Do(loyalty.Reversal{Entry: e.ID})
	shop.Do(loyalty.Earning{Units: 1})
	shop.Refused(loyalty.ClaimUsed, do, present)
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	code := issue(t, shop, "slip", loyalty.Earning{Units: 1, Purchase: loyaltytest.Purchase("receipt", 100)})
	if err := code.Withdraw(shop.Now); err != nil || !code.Withdrawn.Equal(shop.Now) || code.Purchase != nil {
		t.Errorf("withdrawn: %+v, %v", code, err)
	}
	if err := code.Withdraw(shop.Now.Add(time.Hour)); err != nil || !code.Withdrawn.Equal(shop.Now) {
		t.Errorf("again: %+v, %v", code, err)
	}
	used := loyalty.ClaimCode{Claimed: shop.Now, Entry: loyaltytest.ID("entry")}
	var refusal *loyalty.Refusal
	if err := used.Withdraw(shop.Now); !errors.As(err, &refusal) || refusal.Code != loyalty.ClaimUsed || refusal.Entry != used.Entry {
		t.Errorf("a used one: %v", err)
	}
}
