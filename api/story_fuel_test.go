package api_test

import (
	"slices"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Fuel: "points per litre or per spend at many locations, tier multipliers". One card
// is used at stations in two countries, through two year's ends, up to gold and down.
func TestFuelStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "fuel")
	kyiv := c.opens(t, "Kyiv", "Europe/Kyiv")
	c.until(t, "2027-05-01 09:00")

	// 36 euro of diesel and 5 of the shop, but none for cigarettes: 20 points and 24.
	first := c.earns(t, c.basket(litres("diesel", 24_990, 3600), piece("sandwich", 500), piece("tobacco", 800)))
	want := []loyalty.Reason{{Units: 20, Why: loyalty.BaseRate}, {Rule: "A point for each litre", Units: 24, Why: loyalty.BonusRule}}
	if !slices.Equal(first.Why, want) || first.Card.Balance != 44 || first.Card.Tier.Next.Name != "Silver" || first.Card.Tier.Next.Missing != 956 {
		t.Fatalf("the first tank: %s, %+v", reasons(first.Why), first.Card)
	}
	// A till that tells an amount alone earns by that.
	plain := c.earns(t, apitest.Map{"purchase": apitest.Map{"ref": "card terminal", "total": 1200, "currency": "EUR"}})
	if plain.Entries[0].Units != 6 {
		t.Errorf("12 euro of whatever: %+v", plain.Entries[0])
	}

	// A lorry fills up in one country and the other: 600 points a day, wherever, and the
	// day of the station further east is over first.
	lorry := func() apitest.Map { return c.basket(litres("diesel", 300_000, 48_000)) }
	c.until(t, "2027-06-10 12:00")
	if got := c.earns(t, lorry()).Entries[0].Units; got != 540 {
		t.Errorf("300 litres: %d", got)
	}
	east := c.earnsAt(t, kyiv, lorry())
	if got := reasons(east.Why); east.Entries[0].Units != 60 || got != "base, A point for each litre bonus, daily_cap" {
		t.Errorf("once more on one day: %d (%s)", east.Entries[0].Units, got)
	}
	c.until(t, "2027-06-10 22:59")
	c.Refused(t, c.earning(t, kyiv, lorry()), gen.ProblemCodeDailyCapReached)
	c.until(t, "2027-06-10 23:00")
	silver := c.earnsAt(t, kyiv, lorry())
	if tier := silver.Card.Tier; silver.Entries[0].Units != 540 || tier.Name != "Silver" || tier.Since != "2027-06" || tier.Multiplier != 1250 {
		t.Fatalf("past midnight there: %d, %+v", silver.Entries[0].Units, tier)
	}
	if got := c.earns(t, lorry()).Entries[0].Units; got != 60 {
		t.Errorf("before midnight here, on a day that has begun for this card: %d", got)
	}

	// Silver earns a quarter more, rounded down, for the rest of this year and the next.
	c.until(t, "2027-12-31 23:30")
	quarter := c.earns(t, c.basket(litres("petrol", 30_500, 5190)))
	if got := reasons(quarter.Why); quarter.Entries[0].Units != 68 || got != "base, A point for each litre bonus, Silver tier" { // 25 + 30, and a quarter
		t.Errorf("as silver: %d (%s)", quarter.Entries[0].Units, got)
	}
	if tier := quarter.Card.Tier; !tier.Until.Equal(c.moment(t, "2029-01-01")) || tier.Counted != 1318 {
		t.Errorf("in the last half hour of the year: %+v", tier)
	}
	c.until(t, "2028-01-01 00:00")
	if tier := c.has(t).Tier; tier.Name != "Silver" || tier.Counted != 0 || tier.Next.Missing != 3000 {
		t.Errorf("in the new year: %+v", tier)
	}

	// Gold needs 3000 in one year; what was refunded does not count.
	var last gen.Scan
	for _, day := range []string{"2028-02-28", "2028-02-29", "2028-03-01", "2028-03-02", "2028-03-03"} {
		c.until(t, day+" 12:00")
		last = c.earns(t, lorry())
	}
	if tier := last.Card.Tier; last.Entries[0].Units != 600 || tier.Name != "Gold" || tier.Next != nil || len(tier.Perks) != 1 {
		t.Fatalf("after five days on the road: %+v", tier)
	}
	if tier := c.Post(t, apitest.Void(c.Shop.Front, last.Entries[0].ID, nil)).Card.Tier; tier.Name != "Silver" || tier.Next.Missing != 600 {
		t.Errorf("the fifth was a mistake: %+v", tier)
	}
	c.until(t, "2028-12-31 23:59")
	if tier := c.earns(t, lorry()).Card.Tier; tier.Name != "Gold" || !tier.Until.Equal(c.moment(t, "2030-01-01")) {
		t.Fatalf("in the last minute of the year: %+v", tier)
	}

	// Who then stays away falls by a step when the time is over, and has silver for its own.
	c.until(t, "2029-12-31 23:59")
	if tier := c.has(t).Tier; tier.Name != "Gold" {
		t.Errorf("kept for a year: %+v", tier)
	}
	c.until(t, "2030-01-01 00:00")
	if tier := c.has(t).Tier; tier.Name != "Silver" || tier.Since != "2030-01" || !tier.Until.Equal(c.moment(t, "2032-01-01")) {
		t.Errorf("a step down: %+v", tier)
	}
	c.until(t, "2032-01-01 00:00")
	if card := c.has(t); card.Tier.Name != "" || card.Balance != 0 {
		t.Errorf("and out: %+v, and the points are gone: %d", card.Tier, card.Balance)
	}
}

// Points last two years to the day, also from 29 February; a refund takes back what the
// purchase gave in its tier, from its own points first, and from others where it was spent.
func TestFuelRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "fuel")
	c.until(t, "2028-02-29 08:00")
	for _, day := range []string{"2028-02-29 08:00", "2028-03-01 08:00"} {
		c.until(t, day)
		c.earns(t, c.basket(litres("diesel", 300_000, 48_000)))
	}
	if e := c.has(t).Expiring; e == nil || e.Units != 540 || !e.ExpiresAt.Equal(c.moment(t, "2030-03-01")) { // the end of 28 February
		t.Fatalf("what comes first: %+v", e)
	}
	tank := c.earns(t, c.basket(litres("petrol", 40_000, 8_000)))
	if tank.Card.Tier.Name != "Silver" || tank.Entries[0].Units != 60 || tank.Card.Balance != 1140 { // the day's cap
		t.Fatalf("a car the same day: %+v", tank.Card)
	}
	c.until(t, "2028-03-02 08:00")
	tank = c.earns(t, c.basket(litres("petrol", 40_000, 8_000), piece("oil", 2000))) // 50 + 40, and a quarter
	if tank.Entries[0].Units != 112 {
		t.Fatalf("as silver: %+v", tank.Entries[0])
	}
	if off := c.takesOff(t, 2, 5500); off.Off != 1000 || *off.Pay != 4500 || off.Card.Balance != 252 { // 1000 of 1252 points
		t.Fatalf("10 euro off: %+v", off)
	}
	entry := tank.Entries[0].ID
	pin := c.Shop.PINs.Cashier
	part := c.Post(t, refund(c.Shop.Front.Token, entry, apitest.Map{"lines": []any{2}, "pin": pin}))
	if e := part.Entries[0]; e.Units != -22 || part.Card.Balance != 230 { // 20 of 100 euro
		t.Errorf("the oil came back: %+v", e)
	}
	c.redeems(t, 0) // 150 of 230
	refused := refund(c.Shop.Front.Token, entry, apitest.Map{"pin": pin})
	c.Refused(t, refused, gen.ProblemCodeInsufficientBalance) // 90 of 80
	rest := c.Post(t, refund(c.Shop.Front.Token, entry, apitest.Map{"pin": pin, "as_far_as_possible": true}))
	if rest.Card.Balance != 0 || rest.Entries[0].Units != -80 || rest.Card.Tier.Name != "Silver" || rest.Card.Tier.Counted != 1150 {
		t.Errorf("all of it: %+v, %+v", rest.Entries[0], rest.Card.Tier)
	}
}
