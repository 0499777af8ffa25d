package loyalty_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// counter opens a shop whose program gives a stamp for a tap of the tag on its
// counter.
func counter(t loyaltytest.TB, changes ...func(*loyalty.Rules)) (*loyaltytest.Shop, loyalty.Tag) {
	enabled := func(r *loyalty.Rules) { r.Counter = loyalty.CounterRule{Enabled: true, Approval: loyalty.ByNobody} }
	shop := loyaltytest.Open(t, loyaltytest.Program(t, append([]func(*loyalty.Rules){enabled}, changes...)...))
	tag := loyalty.Tag{
		ID: loyaltytest.ID("counter"), Merchant: loyaltytest.Merchant, Location: shop.Till.Location, Program: shop.Card().Program,
		UID: loyalty.TagUID{4}, Epoch: 1, Zone: shop.Till.Zone,
	}
	shop.Book.Tags[tag.ID] = tag
	return shop, tag
}

func byTill(r *loyalty.Rules) { r.Counter.Approval = loyalty.ByTill }

func TestCounterTapEarns(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t, func(r *loyalty.Rules) { r.Counter.Units = 2 })
	e := shop.Entry(loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 7))
	if e.Units != 2 || e.Method != loyalty.Counter || e.Location != tag.Location || !e.Till.IsZero() {
		t.Errorf("%+v", e)
	}
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 7))
	other := loyaltytest.Card(shop.Program(), "bert")
	shop.Book.Cards[other.ID] = other
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 7), func(c *loyalty.Command) { c.Card = other.ID })
}

// Two customers tap one after the other, and the second is quicker with the phone.
func TestLowerValuesAreTakenForAMinute(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t)
	tap := func(value uint32) func(*loyalty.Command) { return loyaltytest.AtCounter(tag, value) }
	shop.Do(loyalty.CounterTap{}, tap(1))
	shop.Do(loyalty.CounterTap{}, tap(5))
	shop.After(loyalty.CounterLate)
	shop.Do(loyalty.CounterTap{}, tap(3))
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, tap(3))
	if len(shop.Book.Gaps) != 1 {
		t.Fatalf("gaps: %+v", shop.Book.Gaps)
	}
	if g := shop.Book.Gaps[0]; g.First != 2 || g.Last != 4 || g.Late != 1 || g.Missing() != 2 {
		t.Errorf("gap: %+v", g)
	}
	shop.After(time.Microsecond)
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, tap(2))
	shop.Do(loyalty.CounterTap{}, tap(6))
	shop.After(time.Hour)
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, tap(6))
	shop.Do(loyalty.CounterTap{}, tap(7))
	if got := shop.Book.Tags[tag.ID]; len(got.Recent) != 1 || got.Floor != 6 || got.Counter != 7 {
		t.Errorf("more is remembered than needed: %+v", got)
	}
}

// What is taken is what the rule says, whatever the order and the times, and each
// value once.
func TestWhatACounterTagTakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shop, tag := counter(t)
		seen := map[uint32]time.Time{}
		for range rapid.IntRange(1, 25).Draw(t, "taps") {
			shop.After(time.Duration(rapid.IntRange(0, 45).Draw(t, "pause")) * time.Second)
			value := rapid.Uint32Range(1, 12).Draw(t, "value")
			_, used := seen[value]
			want := !used
			for higher, at := range seen {
				if higher > value && shop.Now.Sub(at) > loyalty.CounterLate {
					want = false
				}
			}
			_, err := shop.Post(shop.Command(loyalty.CounterTap{}, loyaltytest.AtCounter(tag, value)))
			if got := err == nil; got != want {
				t.Fatalf("%d: taken: %v, want %v (%v)", value, got, want, err)
			}
			if want {
				seen[value] = shop.Now
			}
		}
	})
}

func TestCounterRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*loyaltytest.Shop, *loyalty.Tag)
		rules  func(*loyalty.Rules)
		want   loyalty.Code
	}{
		"revoked":      {change: func(s *loyaltytest.Shop, tag *loyalty.Tag) { tag.Revoked = s.Now }, want: loyalty.CredentialRevoked},
		"renewed":      {change: func(_ *loyaltytest.Shop, tag *loyalty.Tag) { tag.Epoch++ }, want: loyalty.CredentialRevoked},
		"a card's tag": {change: func(s *loyaltytest.Shop, tag *loyalty.Tag) { tag.Card = s.CardID }, want: loyalty.TagNotFound},
		"another program": {
			change: func(_ *loyaltytest.Shop, tag *loyalty.Tag) { tag.Program = loyaltytest.ID("other") }, want: loyalty.CounterOtherProgram,
		},
		"closed": {change: func(_ *loyaltytest.Shop, tag *loyalty.Tag) {
			tag.Hours = loyalty.Hours{{Day: (loyaltytest.Now.In(tag.Zone).Weekday() + 3) % 7, Opens: 600, Closes: 601}}
		}, want: loyalty.ShopClosed},
		"blocked": {change: func(s *loyaltytest.Shop, _ *loyalty.Tag) { s.Change(func(c *loyalty.Card) { c.Blocked = true }) }, want: loyalty.CardBlocked},
		"off":     {rules: func(r *loyalty.Rules) { r.Counter.Enabled = false }, want: loyalty.CounterNotOffered},
		"soon":    {rules: func(r *loyalty.Rules) { r.Starts = loyaltytest.Now.Add(time.Hour) }, want: loyalty.ProgramNotStarted},
	} {
		shop, tag := counter(t, func(r *loyalty.Rules) {
			if test.rules != nil {
				test.rules(r)
			}
		})
		tap := loyaltytest.AtCounter(tag, 1)
		if test.change != nil {
			test.change(shop, &tag)
			shop.Book.Tags[tag.ID] = tag
		}
		r := shop.Refused(test.want, loyalty.CounterTap{}, tap)
		if test.want == loyalty.ShopClosed && !tag.Hours.Open(r.RetryAt, tag.Zone) {
			t.Errorf("%s: told to come at %v", name, r.RetryAt)
		}
		if got := shop.Book.Tags[tag.ID]; got.Counter != 0 {
			t.Errorf("%s: a refused tap was counted", name)
		}
	}
}

func TestCooldownAtTheCounter(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t, func(r *loyalty.Rules) { r.Counter.Cooldown, r.Earn.DailyCap = 600, 2 })
	shop.Do(loyalty.Earning{Units: 1})
	shop.After(599 * time.Second)
	shop.Refused(loyalty.CooldownActive, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 1))
	shop.After(time.Second)
	shop.Do(loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 1)) // a refusal had not used it
	shop.After(600 * time.Second)
	shop.Refused(loyalty.DailyCapReached, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 2))
}

// ask taps and returns what waits.
func ask(t loyaltytest.TB, shop *loyaltytest.Shop, tag loyalty.Tag, value uint32) loyalty.Approval {
	t.Helper()
	id := loyalty.ApprovalID(loyalty.NewID())
	d := shop.Do(loyalty.CounterTap{Approval: id}, loyaltytest.AtCounter(tag, value))
	if len(d.Entries) > 0 || len(d.Asked) != 1 || d.Asked[0].ID != id {
		t.Fatalf("%+v", d)
	}
	return d.Asked[0]
}

func presenting(a loyalty.Approval) func(*loyalty.Command) {
	return func(c *loyalty.Command) { a.Present(c) }
}

func TestApproval(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t, byTill)
	asked := ask(t, shop, tag, 1)
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 1))
	shop.After(29 * time.Second)
	e := shop.Entry(loyalty.Approving{}, presenting(asked), loyaltytest.Approved(loyalty.Cashier))
	if e.Units != 1 || e.Method != loyalty.Counter || e.Till != shop.Till.ID || e.Staff.IsZero() || !e.Captured.Equal(asked.Asked) {
		t.Errorf("%+v", e)
	}
	if r := shop.Refused(loyalty.ApprovalDecided, loyalty.Approving{}, presenting(asked)); r.Entry != e.ID {
		t.Errorf("%+v", r)
	}
	if got := shop.Book.Approvals[asked.ID]; got.State(shop.Now) != loyalty.Approved || got.Till != shop.Till.ID || got.Staff != e.Staff {
		t.Errorf("%+v", got)
	}
	late := ask(t, shop, tag, 2)
	shop.After(loyalty.ApprovalLife)
	shop.Refused(loyalty.ApprovalExpired, loyalty.Approving{}, presenting(late))
	elsewhere := shop.Pair(loyaltytest.Till(t, "back", func(till *loyalty.Till) { till.Location = loyaltytest.ID("elsewhere") }))
	again := ask(t, shop, tag, 3)
	shop.Refused(loyalty.ApprovalNotFound, loyalty.Approving{}, presenting(again), elsewhere)
}

// Whoever waits and taps again waits once, until that is decided or has run out.
func TestACardWaitsOnce(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t, byTill)
	first := ask(t, shop, tag, 1)
	shop.After(20 * time.Second)
	d := shop.Do(loyalty.CounterTap{Approval: loyalty.NewID()}, loyaltytest.AtCounter(tag, 2))
	if len(d.Asked) > 0 || d.Waits == nil || *d.Waits != first {
		t.Errorf("asked again: %+v, %+v", d.Asked, d.Waits)
	}
	shop.Refused(loyalty.CredentialUsed, loyalty.CounterTap{}, loyaltytest.AtCounter(tag, 2))
	other := tag
	other.ID, other.UID = loyaltytest.ID("other counter"), loyalty.TagUID{5}
	shop.Book.Tags[other.ID] = other
	ask(t, shop, other, 1)
	shop.Do(loyalty.Approving{}, presenting(first))
	ask(t, shop, tag, 3)
	shop.After(loyalty.ApprovalLife)
	ask(t, shop, tag, 4)
}

// What changes while somebody waits counts.
func TestApprovalIsDecidedAnew(t *testing.T) {
	t.Parallel()
	for want, change := range map[loyalty.Code]func(*loyaltytest.Shop, *loyalty.Tag){
		loyalty.CardBlocked:       func(s *loyaltytest.Shop, _ *loyalty.Tag) { s.Change(func(c *loyalty.Card) { c.Blocked = true }) },
		loyalty.CredentialRevoked: func(s *loyaltytest.Shop, tag *loyalty.Tag) { tag.Revoked = s.Now },
		loyalty.CounterNotOffered: func(s *loyaltytest.Shop, _ *loyalty.Tag) {
			s.Publish(func(r *loyalty.Rules) { r.Counter.Enabled = false })
		},
		loyalty.TillRevoked: func(s *loyaltytest.Shop, _ *loyalty.Tag) {
			till := s.Till
			till.Revoked = true
			s.Book.Tills[till.ID] = till
		},
	} {
		shop, tag := counter(t, byTill)
		asked := ask(t, shop, tag, 1)
		tag = shop.Book.Tags[tag.ID]
		change(shop, &tag)
		shop.Book.Tags[tag.ID] = tag
		shop.Refused(want, loyalty.Approving{}, presenting(asked))
	}
}

func TestRejecting(t *testing.T) {
	t.Parallel()
	shop, tag := counter(t, byTill)
	asked := ask(t, shop, tag, 1)
	if err := asked.Reject(loyalty.Till{Merchant: loyaltytest.Merchant}, loyalty.StaffID{}, shop.Now); err == nil {
		t.Error("another shop's till refused")
	}
	for range 2 {
		if err := asked.Reject(shop.Till, loyalty.StaffID{1}, shop.Now); err != nil {
			t.Fatal(err)
		}
	}
	shop.Book.Approvals[asked.ID] = asked
	shop.Refused(loyalty.ApprovalDecided, loyalty.Approving{}, presenting(asked))
	if asked.State(shop.Now) != loyalty.Rejected || asked.Till != shop.Till.ID {
		t.Errorf("%+v", asked)
	}
}

func TestCounterRules(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*loyalty.Rules){
		"counter.approval":         func(r *loyalty.Rules) { r.Counter.Approval = "everybody" },
		"counter.units":            func(r *loyalty.Rules) { r.Counter.Units = -1 },
		"counter.cooldown_seconds": func(r *loyalty.Rules) { r.Counter.Cooldown = loyalty.MaxSeconds + 1 },
	} {
		rules := loyaltytest.Program(t).Rules
		change(&rules)
		if err, ok := rules.Check().(*loyalty.FieldError); !ok || err.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	rules := loyaltytest.Points(t).Rules
	rules.Earn = loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down}
	rules.Counter.Enabled = true
	if err, ok := rules.Check().(*loyalty.FieldError); !ok || err.Field != "counter.enabled" {
		t.Errorf("by spend: %v", err)
	}
}
