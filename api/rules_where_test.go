package api_test

import (
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Rules that look at the shop and at the member's tags, told to the tills of two shops:
// each earn names the rules that gave something, and no other.
func TestRulesOfShopsAndTags(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, c := a.Shop, &customer{API: a, zone: a.Shop.Front.Zone}
	kyiv := c.opens(t, "Kyiv", "Europe/Kyiv")
	there := `location == "` + kyiv.Location.String() + `"`
	c.program = newProgram(t, a, apitest.Map{"rules": apitest.Map{
		"name": "Points", "kind": "points", "earn": apitest.Map{
			"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down",
			"bonuses": []any{
				apitest.Map{"name": "Opening", "when": there, "units": 5},
				apitest.Map{"name": "Parents", "when": `"parents" in card.tags`, "units": 3},
				apitest.Map{"name": "Parents at home", "when": `"parents" in card.tags && !(` + there + ")", "multiplier": 2000},
			},
		},
	}})
	parent, single := a.NewMember(t, shop).ID, a.NewMember(t, shop).ID
	a.Do(t, apitest.Tags(shop, parent, "vip", "parents"))
	a.Do(t, apitest.Tags(shop, single, "vip"))
	held := func(member loyalty.MemberID) loyalty.CardID {
		return apitest.Read[gen.Card](t, a.Do(t, apitest.Enrol(shop, c.program, member))).ID
	}
	parents, singles, nobodys := held(parent), held(single), a.NewCard(t, shop, c.program).ID

	check := func(card loyalty.CardID, till apitest.Till, units int64, why string) {
		t.Helper()
		c.card = card
		posted := c.earnsAt(t, till, c.basket(piece("bread", 1000)))
		if got := reasons(posted.Why); got != why || posted.Entries[0].Units != units {
			t.Errorf("%d (%s), want %d (%s)", posted.Entries[0].Units, got, units, why)
		}
	}
	check(nobodys, shop.Front, 10, "base")
	check(nobodys, kyiv, 15, "base, Opening bonus")
	check(singles, shop.Front, 10, "base")
	check(singles, kyiv, 15, "base, Opening bonus")
	check(parents, shop.Front, 23, "base, Parents bonus, Parents at home bonus")
	check(parents, shop.Back, 23, "base, Parents bonus, Parents at home bonus") // another till of the same shop
	check(parents, kyiv, 18, "base, Opening bonus, Parents bonus")

	// A tag counts from when the member has it to when it is taken away.
	a.Do(t, apitest.Tags(shop, parent, "vip"))
	a.Do(t, apitest.Tags(shop, single, "parents"))
	check(parents, kyiv, 15, "base, Opening bonus")
	check(singles, kyiv, 18, "base, Opening bonus, Parents bonus")
}
