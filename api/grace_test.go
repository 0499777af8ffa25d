package api_test

import (
	"strings"
	"testing"

	"stempel/api/apitest"
)

// A tier whose time is over is kept for the months of grace: card and page then tell
// the day when it falls, and no day that has passed.
func TestTierInGrace(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	c := &customer{API: a, zone: a.Shop.Front.Zone}
	c.program = newProgram(t, a, apitest.Map{"rules": apitest.Map{
		"name": "Silver card", "kind": "points",
		"earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down"},
		"tiers": apitest.Map{
			"by": "spend", "currency": "EUR", "over": "months", "months": 3, "grace_months": 2, "fall": "earned", "rounding": "down",
			"levels": []apitest.Map{{"name": "Silver", "from": 10_000}},
		},
	}})
	c.card = a.NewCard(t, a.Shop, c.program).ID
	page := "/card/" + a.Phone(t, a.Shop, c.card).Token + "?lang=en"
	shows := func(says string) {
		t.Helper()
		if text := string(pageOf(t, a, page)); strings.Contains(text, "Silver, until ") != (says != "") || !strings.Contains(text, says) {
			t.Errorf("on %s the page does not say %q", c.Clock.Now(), says)
		}
	}
	c.until(t, "2026-12-10 12:00")
	c.earns(t, c.basket(piece("bread", 10_000)))
	over, falls := c.moment(t, "2027-03-01"), c.moment(t, "2027-05-01")
	c.until(t, "2027-02-28 23:59")
	shows("Silver, until 28 February 2027")
	for _, wall := range []string{"2027-03-01 00:00", "2027-04-30 23:59"} {
		c.until(t, wall)
		if tier := c.has(t).Tier; tier.Name != "Silver" || !tier.Until.Equal(over) || !tier.FallsAt.Equal(falls) {
			t.Errorf("at %s: %+v", wall, tier)
		}
		shows("Silver, until 30 April 2027")
	}
	c.until(t, "2027-05-01 00:00")
	if tier := c.has(t).Tier; tier.Name != "" {
		t.Errorf("after the grace: %+v", tier)
	}
	shows("")
}
