package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// staffCard opens a member's card of the template employees.
func staffCard(t *testing.T, a *apitest.API, program apitest.Program, member loyalty.MemberID) loyalty.CardID {
	t.Helper()
	return apitest.Read[gen.Card](t, a.Do(t, apitest.Enrol(a.Shop, program, member))).ID
}

// A program only for a chosen segment: parents of small children collect points, others
// get no card, and whose child has grown keeps what was earned.
func TestParentsStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, program := a.Shop, a.NewProgram(t, a.Shop, "parents")
	anna := a.NewMember(t, shop)
	if anna.Audience != "customer" || len(anna.Tags) != 0 {
		t.Fatalf("a new member: %+v", anna)
	}

	// A stranger is refused: without a member, and without the tag.
	a.Refused(t, apitest.Call{Path: "/v1/cards", Token: shop.App, Body: apitest.Map{"program": program.ID}}, gen.ProblemCodeNotEligible)
	refused := a.Refused(t, apitest.Enrol(shop, program, anna.ID), gen.ProblemCodeNotEligible)
	if !strings.Contains(refused.Detail, "members with the tag parents") {
		t.Errorf("the refusal says %q", refused.Detail)
	}

	tagged := apitest.Read[gen.Member](t, a.Do(t, apitest.Tags(shop, anna.ID, "vip", "parents", "vip")))
	if len(tagged.Tags) != 2 || tagged.Tags[0] != "parents" {
		t.Fatalf("tagged: %+v", tagged)
	}
	card := apitest.Read[gen.Card](t, a.Do(t, apitest.Enrol(shop, program, anna.ID))).ID

	// Twice as many points for what the little ones need.
	buys := func(ref string, amount int64) apitest.Call {
		lines := []any{apitest.Map{"sku": "1", "category": "baby", "quantity": 1000, "unit": "piece", "amount": amount}}
		purchase := apitest.Map{"ref": ref, "total": amount, "currency": "EUR", "items": lines}
		return apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
	}
	if first := apitest.Read[gen.Scan](t, a.Do(t, buys("first", 8_000))); first.Card.Balance != 160 {
		t.Fatalf("80 euro for the baby: %+v", first.Card)
	}

	// The child has grown: no more points, and what there is can be spent.
	a.Do(t, apitest.Tags(shop, anna.ID, "vip"))
	grown := a.Refused(t, buys("second", 8_000), gen.ProblemCodeNotEligible)
	if !strings.Contains(grown.Detail, "can still be redeemed") {
		t.Errorf("the cashier reads %q", grown.Detail)
	}
	look := a.Look(t, shop, shop.Front, card)
	if look.Earn.Allowed || look.Earn.Reason != gen.ProblemCodeNotEligible {
		t.Errorf("the till is told %+v", look.Earn)
	}
	spent := a.Post(t, apitest.Redeem(shop.Front, look.Scan, apitest.Map{"reward": program.Rewards[0]}))
	if spent.Card.Balance != 10 {
		t.Errorf("after the nappies: %+v", spent.Card)
	}
	a.Do(t, apitest.Tags(shop, anna.ID, "parents")) // a second child
	if again := apitest.Read[gen.Scan](t, a.Do(t, buys("third", 1_000))); again.Card.Balance != 30 {
		t.Errorf("with the second child: %+v", again.Card)
	}
}

// The merchant's own staff, and staff of a company that signed an agreement: until they
// leave, and until it ends.
func TestEmployeesStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, program := a.Shop, a.NewProgram(t, a.Shop, "employees")
	grants := func(card loyalty.CardID, ref string) apitest.Call {
		return apitest.Grant(shop.Front, a.Look(t, shop, shop.Front, card).Scan, ref, 10_000, nil)
	}

	// A stranger is refused, and so is a card that is nobody's.
	stranger := a.NewMember(t, shop).ID
	refused := a.Refused(t, apitest.Enrol(shop, program, stranger), gen.ProblemCodeNotEligible)
	if !strings.Contains(refused.Detail, "employees and people of partner companies") {
		t.Errorf("the refusal says %q", refused.Detail)
	}

	// Jan works in the shop: the office says so.
	jan := a.NewMember(t, shop).ID
	if m := apitest.Read[gen.Member](t, a.Do(t, apitest.Audience(shop, jan, apitest.Map{"audience": "employee"}))); m.Audience != "employee" {
		t.Fatalf("Jan: %+v", m)
	}
	jans := staffCard(t, a, program, jan)
	if bill := a.Post(t, grants(jans, "1")); bill.Entries[0].Discount != 1_000 {
		t.Fatalf("10 %% off: %+v", bill.Entries[0])
	}

	// Anna and Ben work for a company whose roster came as a file.
	company := a.NewAgreement(t, shop, apitest.Map{"name": "Harbour Works", "ends_at": a.Clock.Now().AddDate(0, 3, 0)})
	report := a.PutRoster(t, shop, company, "\xef\xbb\xbfStaff number;Name\r\nA-17;Anna\r\nB-4;Ben\r\nb-4;Ben again\r\n", false)
	if report.Lines != 3 || report.Repeated != 1 || report.Agreement.RosterLines != 2 {
		t.Fatalf("the roster: %+v", report)
	}
	anna, ben := a.NewMember(t, shop).ID, a.NewMember(t, shop).ID
	partner := func(workID string) apitest.Map {
		return apitest.Map{"audience": "partner", "agreement": company, "work_id": workID}
	}
	a.Refused(t, apitest.Audience(shop, anna, partner("Z-1")), gen.ProblemCodeNotOnRoster)
	a.Do(t, apitest.Audience(shop, anna, partner("a-17")))
	m := apitest.Read[gen.Member](t, a.Do(t, apitest.Audience(shop, ben, partner("B-4"))))
	if m.Audience != "partner" || m.Agreement != company {
		t.Fatalf("Ben: %+v", m)
	}
	annas, bens := staffCard(t, a, program, anna), staffCard(t, a, program, ben)
	a.Post(t, grants(annas, "2"))

	// Ben leaves the company: the next roster is without him.
	if next := a.PutRoster(t, shop, company, "A-17\n", false); next.Gone != 1 || next.Agreement.People != 1 {
		t.Fatalf("the next roster: %+v", next)
	}
	a.Refused(t, grants(bens, "3"), gen.ProblemCodeNotEligible)
	a.Post(t, grants(annas, "4"))

	// Jan leaves the shop.
	before := a.Look(t, shop, shop.Front, jans)
	if before.Card.Discount == nil || before.Card.Discount.Rate != 1_000 || before.Earn.Reason != gen.ProblemCodeActionNotOffered {
		t.Errorf("while he is there the till is told %+v, %+v", before.Card.Discount, before.Earn)
	}
	scanned := before.Scan
	a.Do(t, apitest.Audience(shop, jan, apitest.Map{"audience": "customer"}))
	if look := a.Look(t, shop, shop.Front, jans); look.Card.Discount != nil || look.Earn.Allowed || look.Earn.Reason != gen.ProblemCodeNotEligible {
		t.Errorf("before a bill is typed the till is told %+v, %+v", look.Card.Discount, look.Earn)
	}
	a.Refused(t, apitest.Grant(shop.Front, scanned, "5", 10_000, nil), gen.ProblemCodeNotEligible)

	// The agreement ends, at once at the till.
	a.Clock.Advance(a.Clock.Now().AddDate(0, 3, 0).Sub(a.Clock.Now()) - time.Minute)
	a.Post(t, grants(annas, "6"))
	a.Clock.Advance(time.Minute)
	a.Refused(t, grants(annas, "7"), gen.ProblemCodeNotEligible)
	if m := a.GetMember(t, shop, anna); m.Audience != "customer" || m.Agreement != company {
		t.Errorf("Anna is now %+v", m)
	}
	a.Refused(t, apitest.Audience(shop, ben, partner("A-17")), gen.ProblemCodeAgreementOver)

	// It is prolonged, and then ended early.
	agreement := apitest.Call{Method: http.MethodPatch, Path: "/v1/agreements/" + company.String(), Token: shop.Admin}
	agreement.Body = apitest.Map{"clear": []any{"ends_at"}}
	if longer := apitest.Read[gen.Agreement](t, a.Do(t, agreement)); !longer.InForce || !longer.EndsAt.IsZero() {
		t.Fatalf("prolonged: %+v", longer)
	}
	a.Post(t, grants(annas, "8"))
	agreement.Body = apitest.Map{"ends_at": a.Clock.Now()}
	a.Do(t, agreement)
	a.Refused(t, grants(annas, "9"), gen.ProblemCodeNotEligible)
}
