package loyalty_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// An auditor knows who was a partner when.
func TestWhoMayHavePosted(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := loyaltytest.Now
	for name, tt := range map[string]struct {
		change func(*loyalty.Tenure)
		says   string // empty: nothing
	}{
		"a partner":              {change: func(*loyalty.Tenure) {}},
		"only invited":           {func(p *loyalty.Tenure) { p.Since = time.Time{} }, "was no partner then"},
		"later":                  {func(p *loyalty.Tenure) { p.Since = now.Add(day) }, "was no partner then"},
		"ended before":           {func(p *loyalty.Tenure) { p.Until = now.Add(-day) }, "was no partner then"},
		"ended after":            {change: func(p *loyalty.Tenure) { p.Until = now.Add(day) }},
		"ended in another clock": {change: func(p *loyalty.Tenure) { p.Until = now.Add(-time.Second) }},
		"of another program":     {func(p *loyalty.Tenure) { p.Program = loyaltytest.ID("another") }, "never was a partner"},
		"between two partnerships": {func(p *loyalty.Tenure) {
			p.Since, p.Over = now.Add(day), []loyalty.Term{{Since: now.Add(-3 * day), Until: now.Add(-day)}}
		}, "was no partner then"},
		"in an earlier partnership": {change: func(p *loyalty.Tenure) {
			p.Since, p.Over = now.Add(2*day), []loyalty.Term{{Since: now.Add(-3 * day), Until: now.Add(day)}}
		}},
	} {
		shop := coalition(t)
		earn := shop.Do(earning("r1", 100), abroad(t, shop)).Entries[0]
		tenure := loyalty.Tenure{
			Partner:  loyalty.Partner{Program: earn.Program, Merchant: earn.Merchant, Since: now.Add(-5 * day)},
			Operator: earn.Operator, Coalition: true,
		}
		tt.change(&tenure)
		checkAudited(t, name, shop, []loyalty.Tenure{tenure}, earn.ID, tt.says)
		checkAudited(t, name+", asked too early", shop, nil, earn.ID, "")
	}
}

// checkAudited holds what an auditor who knows those partnerships says of the shop's
// card; one who knows none says nothing.
func checkAudited(t *testing.T, name string, shop *loyaltytest.Shop, tenures []loyalty.Tenure, entry loyalty.EntryID, says string) {
	t.Helper()
	var auditor loyalty.Auditor
	if tenures != nil {
		auditor.Knows(tenures, loyaltytest.Now.Add(time.Second))
	} else {
		auditor.Knows(nil, loyaltytest.Now)
	}
	card := shop.Book.Cards[shop.CardID]
	err := auditor.Card(&card, shop.Book.Vouchers[shop.CardID], shop.Book.Lots[shop.CardID], loyaltytest.Stream(shop.Book.Entries[shop.CardID]))
	var flaw *loyalty.Flaw
	switch {
	case says == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case says != "" && (!errors.As(err, &flaw) || flaw.Entry != entry || flaw.Seq != 1 || !strings.Contains(err.Error(), says)):
		t.Errorf("%s: %v, want that it %s", name, err, says)
	}
}

// What is the operator's alone, no partnership explains.
func TestPartnerHasAdjusted(t *testing.T) {
	t.Parallel()
	shop := coalition(t)
	adjusted := shop.Do(loyalty.Adjustment{Units: 5}, loyaltytest.Approved(loyalty.Manager)).Entries[0]
	entries := shop.Book.Entries[shop.CardID]
	entries[0].Merchant = loyaltytest.Stranger
	card := shop.Book.Cards[shop.CardID]
	entries[0].Hash = entries[0].Link(loyalty.FirstLink(card.ID))
	card.Head = entries[0].Hash
	shop.Book.Cards[shop.CardID] = card
	tenure := loyalty.Tenure{Partner: loyalty.Partner{Program: adjusted.Program, Merchant: loyaltytest.Stranger, Since: loyaltytest.Now.Add(-time.Hour)}}
	checkAudited(t, "adjusted", shop, []loyalty.Tenure{tenure}, adjusted.ID, "only the program's merchant")
}

// A partnership is one of another merchant's program that can have it.
func TestTenureHasItsProgram(t *testing.T) {
	t.Parallel()
	sound := loyalty.Tenure{
		Partner:  loyalty.Partner{Program: loyaltytest.ID("program"), Merchant: loyaltytest.Stranger},
		Operator: loyaltytest.Merchant, Coalition: true,
	}
	for says, change := range map[string]func(*loyalty.Tenure){
		"":                      func(*loyalty.Tenure) {},
		"has no program":        func(p *loyalty.Tenure) { p.Operator = loyalty.MerchantID{} },
		"the program's own":     func(p *loyalty.Tenure) { p.Operator = p.Merchant },
		"never was a coalition": func(p *loyalty.Tenure) { p.Coalition = false },
	} {
		tenure := sound
		change(&tenure)
		err := loyalty.VerifyTenure(&tenure)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), tenure.Merchant.String())) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

// Invited anew, a partner is remembered to have been one.
func TestInviteRemembers(t *testing.T) {
	t.Parallel()
	now := loyaltytest.Now
	p := loyalty.Partner{Invited: now}
	var over []loyalty.Term
	keep := func(term loyalty.Term) {
		if term != (loyalty.Term{}) {
			over = append(over, term)
		}
	}
	keep(p.Invite(now)) // it is invited
	p.End(now)
	keep(p.Invite(now.Add(time.Hour))) // it was never accepted
	if err := p.Accept(now.Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	keep(p.Invite(now.Add(3 * time.Hour))) // it goes on
	p.End(now.Add(4 * time.Hour))
	keep(p.Invite(now.Add(5 * time.Hour)))
	if want := []loyalty.Term{{Since: now.Add(2 * time.Hour), Until: now.Add(4 * time.Hour)}}; !slices.Equal(over, want) || p.State() != loyalty.PartnerInvited {
		t.Errorf("%v, %+v", over, p)
	}
}
