package api_test

import (
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Parents: "a program only for a chosen segment". A year's end takes nothing away from
// them; and what comes back takes exactly its points along, also from somebody whom the
// program is not for any more.
func TestParentsOverTheYear(t *testing.T) {
	t.Parallel()
	c, anna := newHolder(t, "parents", func(a *apitest.API, m loyalty.MemberID) {
		a.Do(t, apitest.Tags(a.Shop, m, "parents"))
	})
	c.until(t, "2027-12-31 19:00")
	trolley := c.earns(t, c.basket(piece("baby", 4_000), piece("wine", 2_000)))
	if trolley.Entries[0].Units != 100 { // 60 euro, and 40 for the little one
		t.Fatalf("on New Year's Eve: %+v (%s)", trolley.Entries[0], reasons(trolley.Why))
	}
	c.until(t, "2028-01-01 00:00")
	if card := c.has(t); card.Balance != 100 || card.Expiring != nil || !card.LapsesAt.IsZero() {
		t.Errorf("in the new year: %+v", card)
	}

	// At school there is no need of nappies any more.
	c.Do(t, apitest.Tags(c.Shop, anna))
	c.Refused(t, c.earning(t, c.Shop.Front, c.basket(piece("wine", 2_000))), gen.ProblemCodeNotEligible)
	entry := trolley.Entries[0].ID
	part := c.comesBack(t, entry, apitest.Map{"lines": []any{1}})
	if part.Entries[0].Units != -66 || part.Card.Balance != 34 { // two thirds, a fraction in her favour
		t.Errorf("the nappies came back: %+v, %+v", part.Entries[0], part.Card)
	}
	c.Refused(t, c.redeeming(t, 1), gen.ProblemCodeInsufficientBalance)
	c.Refused(t, refund(c.Shop.Admin, entry, apitest.Map{"lines": []any{1}}), gen.ProblemCodePurchaseAlreadyRefunded)
	if rest := c.comesBack(t, entry, apitest.Map{}); rest.Entries[0].Units != -34 || rest.Card.Balance != 0 || rest.Card.Lifetime != 0 {
		t.Errorf("so did the wine: %+v", rest.Card)
	}
}
