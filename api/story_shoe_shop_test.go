package api_test

import (
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Shoe shop: "a discount for every five pairs bought". Bought on New Year's Eve, it is
// good for the whole next year, which has a leap day; a pair that comes back takes its
// stamp along, and no two where the discount of the five was used.
func TestShoeShopOverTheYear(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "shoe-shop")
	c.until(t, "2027-12-31 18:00")
	six := c.earns(t, c.basket(with(piece("shoes", 48_000), "quantity", 6000)))
	if six.Card.Balance != 1 || len(six.Card.Vouchers) != 1 || !six.Card.Vouchers[0].ExpiresAt.Equal(c.moment(t, "2028-12-30 18:00")) {
		t.Fatalf("six pairs: %+v", six.Card)
	}
	c.until(t, "2028-01-01 00:00")
	if card := c.has(t); card.Balance != 1 || len(card.Vouchers) != 1 {
		t.Errorf("in the new year: %+v", card)
	}
	c.until(t, "2028-02-29 10:00")
	if off := c.takesOff(t, 0, 9_000); off.Off != 1800 || *off.Pay != 7200 {
		t.Errorf("a fifth off: %+v", off)
	}
	entry := six.Entries[0].ID
	if one := c.comesBack(t, entry, apitest.Map{"amount": 8_000}); one.Entries[0].Units != -1 || one.Card.Balance != 0 {
		t.Errorf("a pair came back: %+v", one.Card)
	}
	c.Refused(t, refund(c.Shop.Admin, entry, apitest.Map{"amount": 8_000}), gen.ProblemCodeVoidRewardUsed)
}
