package api_test

import (
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// withBounds opens a program whose bounds are easily reached, for a member with a card.
func withBounds(t *testing.T) (*customer, loyalty.MemberID) {
	t.Helper()
	a := apitest.Boot(t)
	made := apitest.Read[gen.Program](t, a.Do(t, office(a.Shop, "POST", "/v1/programs", apitest.Map{"rules": apitest.Map{
		"name": "Bounds", "kind": "points",
		"earn": apitest.Map{
			"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down",
			"minimum": 500, "purchase_cap": 30, "monthly_cap": 100,
			"bonuses": []any{
				apitest.Map{"name": "Cakes", "lines": apitest.Map{"skus": []any{"cake 1"}, "units": 2, "per": 1000, "of": "piece"}},
				apitest.Map{"name": "Large", "when": `purchase.total >= money(2000, "EUR")`, "units": 1},
			},
		},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "year", "fall": "earned", "rounding": "down",
			"levels": []any{apitest.Map{"name": "Silver", "from": 10_000}, apitest.Map{"name": "Gold", "from": 20_000}},
		},
		"rewards": []any{
			apitest.Map{"name": "Once each", "cost": 5, "per_member": 1},
			apitest.Map{"name": "For silver", "cost": 5, "only": apitest.Map{"tier": "Silver"}},
			apitest.Map{"name": "For parents", "cost": 5, "only": apitest.Map{"tags": []any{"parents"}}},
		},
	}})))
	c := &customer{API: a, program: apitest.Program{ID: made.ID}, zone: a.Shop.Front.Zone}
	for _, reward := range made.Rewards {
		c.program.Rewards = append(c.program.Rewards, reward.ID)
	}
	member := a.NewMember(t, a.Shop).ID
	c.card = c.enrols(t, member)
	return c, member
}

// enrols gives a member one more card of the program.
func (c *customer) enrols(t *testing.T, member loyalty.MemberID) loyalty.CardID {
	t.Helper()
	return apitest.Read[gen.Card](t, c.Do(t, apitest.Enrol(c.Shop, c.program, member))).ID
}

// The bounds of earning hold to the cent and to the second of the month in the shop,
// and the till is told which of them took what away.
func TestBoundsOfEarning(t *testing.T) {
	t.Parallel()
	c, _ := withBounds(t)
	c.until(t, "2027-02-28 12:00")
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("bread", 499))), gen.ProblemCodeNothingToEarn)
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("cake", 499))), gen.ProblemCodeNothingToEarn) // no bonus either
	cakes := with(piece("cake", 900), "quantity", 3000)
	for _, tt := range []struct {
		lines []apitest.Map
		units int64
		why   string
	}{
		{[]apitest.Map{piece("bread", 500)}, 5, "base"},
		{[]apitest.Map{cakes, with(piece("cake", 300), "sku", "cake 2")}, 18, "base, Cakes bonus"},
		{[]apitest.Map{piece("bread", 1999)}, 19, "base"},
		{[]apitest.Map{piece("bread", 2000)}, 21, "base, Large bonus"},
		{[]apitest.Map{piece("bread", 5000)}, 30, "base, Large bonus, purchase_cap"},
		{[]apitest.Map{piece("bread", 1000)}, 7, "base, monthly_cap"}, // which makes 100
	} {
		posted := c.earns(t, c.basket(tt.lines...))
		if got := reasons(posted.Why); got != tt.why || posted.Entries[0].Units != tt.units {
			t.Errorf("%v: %d (%s), want %d (%s)", tt.lines, posted.Entries[0].Units, got, tt.units, tt.why)
		}
	}

	again := c.earning(t, c.Shop.Front, c.basket(piece("bread", 1000)))
	march := time.Date(2027, 2, 28, 23, 0, 0, 0, time.UTC) // midnight in Berlin
	if p := c.Refused(t, again, gen.ProblemCodeMonthlyCapReached); !p.RetryAt.Equal(march) {
		t.Errorf("it may work at %s, want %s", p.RetryAt, march)
	}
	c.Clock.Advance(march.Add(-time.Second).Sub(c.Clock.Now()))
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("bread", 1000))), gen.ProblemCodeMonthlyCapReached)
	c.Clock.Advance(time.Second)
	if got := c.earns(t, c.basket(piece("bread", 1000))); got.Entries[0].Units != 10 || got.Card.Balance != 110 {
		t.Errorf("in March: %+v", got.Entries[0])
	}
}

// A reward for a tier or a tag is for nobody else, and one that each member may have once
// is had once with all their cards.
func TestBoundsOfRewards(t *testing.T) {
	t.Parallel()
	c, member := withBounds(t)
	once, silver, parents := 0, 1, 2
	offered := func(reward int) *gen.Offer {
		t.Helper()
		offers := c.Look(t, c.Shop, c.Shop.Front, c.card).Offers
		if i := slices.IndexFunc(offers, func(o gen.Offer) bool { return o.Reward == c.program.Rewards[reward] }); i >= 0 {
			return &offers[i]
		}
		return nil
	}
	refused := func(reward int, code gen.ProblemCode) {
		t.Helper()
		if o := offered(reward); o != nil && (o.Available || o.Reason != code) {
			t.Errorf("it is offered as %+v", o)
		}
		c.Refused(t, c.redeeming(t, reward), code)
	}
	has := func(reward int, balance int64) {
		t.Helper()
		if o := offered(reward); o == nil || !o.Available || o.Reason != "" {
			t.Errorf("it is offered as %+v", o)
		}
		if got := c.redeems(t, reward); got.Entries[0].Units != -5 || got.Card.Balance != balance {
			t.Errorf("redeemed: %+v", got)
		}
	}

	c.earns(t, c.basket(piece("bread", 9_999))) // 30, and a cent less than silver
	if offered(silver) != nil || offered(parents) != nil {
		t.Error("what is for others is offered")
	}
	refused(silver, gen.ProblemCodeNotEligible)
	refused(parents, gen.ProblemCodeNotEligible)
	c.earns(t, c.basket(piece("bread", 501))) // 5
	has(silver, 30)
	refused(parents, gen.ProblemCodeNotEligible)
	c.Do(t, apitest.Tags(c.Shop, member, "parents"))
	has(parents, 25)
	c.Do(t, apitest.Tags(c.Shop, member))
	refused(parents, gen.ProblemCodeNotEligible)

	first := c.card
	second, stranger := c.enrols(t, member), c.enrols(t, c.NewMember(t, c.Shop).ID)
	for _, card := range []loyalty.CardID{second, stranger} {
		c.card = card
		c.earns(t, c.basket(piece("bread", 1_000)))
	}
	c.card = second
	has(once, 5)
	refused(once, gen.ProblemCodeRewardLimitReached)
	c.card = first
	refused(once, gen.ProblemCodeRewardLimitReached)
	c.card = stranger
	has(once, 5)
}
