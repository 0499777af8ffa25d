package api_test

import (
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Pharmacy: "points by spend without prescription items, item names never stored;
// reward is a gift card". It pays for what has no recipe.
func TestPharmacyStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "pharmacy")
	c.until(t, "2027-12-31 17:59")
	posted := c.earns(t, c.basket(piece("prescription", 8000), piece("sun cream", 1290)))
	if posted.Card.Balance != 12 {
		t.Errorf("%d points for 12.90 beside a prescription", posted.Card.Balance)
	}
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("prescription", 8000))), gen.ProblemCodeNothingToEarn)
	kept := c.Do(t, get(c.Shop.Admin, "/v1/entries/"+posted.Entries[0].ID.String()))
	if strings.Contains(string(kept.Body), "prescription") || strings.Contains(string(kept.Body), "sun cream") || !strings.Contains(string(kept.Body), "9290") {
		t.Errorf("kept %s", kept.Body)
	}
	// A till that sends no lines sends a total without prescriptions.
	big := c.earns(t, apitest.Map{"purchase": apitest.Map{"ref": "no lines", "total": 20_099, "currency": "EUR"}})
	if big.Card.Balance != 212 {
		t.Fatalf("with the big purchase: %+v", big.Card)
	}

	// The new year takes nothing away: who stays away for two years does lose all.
	c.until(t, "2028-01-01 09:00")
	c.Refused(t, c.redeeming(t, 0), gen.ProblemCodeRewardOutOfStock) // the bookshop has sent no codes yet
	c.pool(t, "BOOKS-1;2029-01-01")
	gift := c.redeems(t, 0)
	if gift.Code == nil {
		t.Fatalf("no code: %+v", gift)
	}
	if gift.Card.Balance != 12 || gift.Entries[0].Units != -200 {
		t.Fatalf("a gift card: %+v", gift.Card)
	}
	c.Refused(t, c.redeeming(t, 0), gen.ProblemCodeInsufficientBalance)
	lapses := c.has(t).LapsesAt
	if want := c.moment(t, "2029-12-30 17:59"); !lapses.Equal(want) { // 730 days after the last purchase, over a leap day
		t.Errorf("lapses at %s, want %s", lapses, want)
	}
	c.until(t, "2029-12-30 17:58")
	if card := c.has(t); card.Balance != 12 {
		t.Errorf("a minute before: %+v", card)
	}
	c.until(t, "2029-12-30 17:59")
	if card := c.has(t); card.Balance != 0 {
		t.Errorf("two years later: %+v", card)
	}
}

// A refund takes back exactly what the purchase gave: nothing where a prescription
// is beyond recall, and no more than there is where the points became a gift card.
func TestPharmacyRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "pharmacy")
	pin := c.Shop.PINs.Cashier
	small := c.earns(t, c.basket(piece("prescription", 8000), piece("sun cream", 1290)))
	if voided := c.Post(t, apitest.Void(c.Shop.Front, small.Entries[0].ID, nil)); voided.Card.Balance != 0 || voided.Entries[0].Units != -12 {
		t.Errorf("after the void: %+v", voided.Entries[0])
	}
	c.pool(t, "BOOKS-1")
	big := c.earns(t, c.basket(piece("blood pressure meter", 21_000)))
	c.redeems(t, 0)
	entry := big.Entries[0].ID
	refused := c.Refused(t, refund(c.Shop.Front.Token, entry, apitest.Map{"pin": pin}), gen.ProblemCodeInsufficientBalance)
	if !strings.Contains(refused.Detail, "takes 210 back, and the card has only 10 left") {
		t.Errorf("it says %q", refused.Detail)
	}
	taken := c.Post(t, refund(c.Shop.Front.Token, entry, apitest.Map{"pin": pin, "as_far_as_possible": true}))
	if e := taken.Entries[0]; e.Units != -10 || taken.Card.Balance != 0 || taken.Card.Lifetime != 200 {
		t.Errorf("as far as possible: %+v, %+v", e, taken.Card)
	}
}

// Or a gift card of the pharmacy's own: used in parts, for whatever is bought, over the
// year's end. What comes back goes back onto it, and an untouched one becomes points.
func TestPharmacyOwnGiftCard(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "pharmacy")
	c.until(t, "2027-12-30 10:00")
	meter := c.earns(t, c.basket(piece("blood pressure meter", 21_000)))
	gift := c.redeems(t, 1)
	if v := gift.Card.Vouchers; gift.Code != nil || gift.Card.Balance != 10 || len(v) != 1 || v[0].Value != 1000 || *v[0].Left != 1000 || v[0].Currency != "EUR" {
		t.Fatalf("ten euro: %+v", gift.Card)
	}
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card).Scan
	medicine := c.basket(piece("prescription", 500), piece("tea", 200))["purchase"].(apitest.Map)
	used := c.Post(t, apitest.Redeem(c.Shop.Front, scan, apitest.Map{"voucher": gift.Card.Vouchers[0].ID, "purchase": medicine}))
	if used.Off != 700 || *used.Pay != 0 || *used.Card.Vouchers[0].Left != 300 {
		t.Fatalf("the prescription's fee, and tea: %+v", used)
	}
	c.Refused(t, apitest.Earn(c.Shop.Front, scan, apitest.Map{"purchase": with(medicine, "paid_with_reward", used.Off)}), gen.ProblemCodeNothingToEarn)
	kept := c.Do(t, get(c.Shop.Admin, "/v1/entries/"+used.Entries[0].ID.String()))
	if strings.Contains(string(kept.Body), "tea") {
		t.Errorf("kept %s", kept.Body)
	}

	c.until(t, "2028-01-01 00:00")
	if card := c.has(t); card.Balance != 10 || *card.Vouchers[0].Left != 300 {
		t.Errorf("in the new year: %+v", card)
	}
	if back := c.voided(t, used.Entries[0].ID); *back.Card.Vouchers[0].Left != 1000 {
		t.Errorf("the wrong tea: %+v", back.Card)
	}
	c.Refused(t, refund(c.Shop.Admin, meter.Entries[0].ID, apitest.Map{}), gen.ProblemCodeInsufficientBalance)
	if points := c.voided(t, gift.Entries[0].ID); points.Card.Balance != 210 || len(points.Card.Vouchers) != 0 {
		t.Errorf("rather points: %+v", points.Card)
	}
	if none := c.comesBack(t, meter.Entries[0].ID, apitest.Map{}); none.Entries[0].Units != -210 || none.Card.Balance != 0 {
		t.Errorf("the meter: %+v", none.Card)
	}
}
