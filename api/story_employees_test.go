package api_test

import (
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Employees: "the merchant's own staff". The discount goes on in the new year, and of what
// comes back neither the money counts nor the discount: also when he has left by then.
func TestEmployeesOverTheYear(t *testing.T) {
	t.Parallel()
	c, jan := newHolder(t, "employees", func(a *apitest.API, m loyalty.MemberID) {
		a.Do(t, apitest.Audience(a.Shop, m, apitest.Map{"audience": "employee"}))
	})
	c.until(t, "2027-12-31 19:00")
	bill := c.Post(t, c.granting(t, c.basket(piece("coat", 10_000), piece("scarf", 5_000))))
	if e := bill.Entries[0]; e.Discount != 1_500 || e.Spend != 13_500 || e.Month != "2027-12" {
		t.Fatalf("10 %% off: %+v", e)
	}
	c.until(t, "2028-01-01 00:00")
	if d := c.has(t).Discount; d == nil || d.Rate != 1000 || d.Spent != 13_500 {
		t.Errorf("in the new year: %+v", d)
	}

	// The scarf comes back: he had paid 45 euro for it.
	entry := bill.Entries[0].ID
	scarf := c.comesBack(t, entry, apitest.Map{"lines": []any{2}})
	if e := scarf.Entries[0]; e.Spend != -4_500 || e.Discount != -500 || e.Units != 0 || e.Month != "2028-01" || scarf.Card.Discount.Spent != 9_000 {
		t.Errorf("the scarf: %+v, %+v", e, scarf.Card.Discount)
	}
	tooMuch := c.Refused(t, refund(c.Shop.Admin, entry, apitest.Map{"amount": 10_000}), gen.ProblemCodeRefundInvalid)
	if !strings.Contains(tooMuch.Detail, "9000 EUR are left") {
		t.Errorf("it says %q", tooMuch.Detail)
	}
	c.Do(t, apitest.Audience(c.Shop, jan, apitest.Map{"audience": "customer"}))
	c.Refused(t, c.granting(t, c.basket(piece("coat", 10_000))), gen.ProblemCodeNotEligible)
	coat := c.comesBack(t, entry, apitest.Map{})
	if e := coat.Entries[0]; e.Spend != -9_000 || e.Discount != -1_000 {
		t.Errorf("the coat: %+v", e)
	}
}

// "Or staff of a company that signed an agreement": one that ends with the year ends at
// midnight where the shop is.
func TestAgreementEndsWithTheYear(t *testing.T) {
	t.Parallel()
	var company loyalty.AgreementID
	c, _ := newHolder(t, "employees", func(a *apitest.API, m loyalty.MemberID) {
		there := customer{zone: a.Shop.Front.Zone}
		company = a.NewAgreement(t, a.Shop, apitest.Map{"name": "Harbour Works", "ends_at": there.moment(t, "2028-01-01")})
		a.PutRoster(t, a.Shop, company, "A-17;Anna\n", false)
		a.Do(t, apitest.Audience(a.Shop, m, apitest.Map{"audience": "partner", "agreement": company, "work_id": "A-17"}))
	})
	c.until(t, "2027-12-31 23:59")
	last := c.Post(t, c.granting(t, c.basket(piece("coat", 10_000))))
	if last.Entries[0].Discount != 1_000 {
		t.Errorf("in the last minute: %+v", last.Entries[0])
	}
	c.until(t, "2028-01-01 00:00")
	c.Refused(t, c.granting(t, c.basket(piece("coat", 10_000))), gen.ProblemCodeNotEligible)
	if back := c.comesBack(t, last.Entries[0].ID, apitest.Map{}); back.Entries[0].Spend != -9_000 {
		t.Errorf("what was bought before comes back: %+v", back.Entries[0])
	}
}
