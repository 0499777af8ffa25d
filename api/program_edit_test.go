package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// edit saves a draft of the current rules with a change.
func edit(t *testing.T, a *apitest.API, program loyalty.ProgramID, change func(*gen.Rules)) gen.Draft {
	t.Helper()
	return apitest.Read[gen.Draft](t, a.Do(t, editing(t, a, program, change)))
}

func editing(t *testing.T, a *apitest.API, program loyalty.ProgramID, change func(*gen.Rules)) apitest.Call {
	t.Helper()
	path := "/v1/programs/" + program.String()
	current := apitest.Read[gen.VersionPage](t, a.Do(t, office(a.Shop, http.MethodGet, path+"/versions", nil))).Versions[0]
	change(&current.Rules)
	return office(a.Shop, http.MethodPut, path+"/draft", apitest.Map{"based_on": current.Version, "rules": current.Rules})
}

func publishing(a *apitest.API, program loyalty.ProgramID) apitest.Call {
	return office(a.Shop, http.MethodPost, "/v1/programs/"+program.String()+"/publish", nil)
}

// publish makes a change the program's next version.
func publish(t *testing.T, a *apitest.API, program loyalty.ProgramID, change func(*gen.Rules)) gen.Program {
	t.Helper()
	edit(t, a, program, change)
	return apitest.Read[gen.Program](t, a.Do(t, publishing(a, program)))
}

// A program is edited at the very moment when its cards are scanned, over two
// processes: each entry was decided whole by the version that it names, and none by an
// older one than the entry before it.
func TestProgramIsEditedWhileCardsAreScanned(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	processes := []*apitest.API{a, a.Beside(t)}
	rules := apitest.Map{"name": "Points", "kind": "points", "earn": apitest.Map{
		"by": "units", "bonuses": []any{apitest.Map{"name": "version", "when": "base == 1", "units": 1}},
	}}
	program := newProgram(t, a, apitest.Map{"rules": rules})
	const cards, versions = 8, 12
	var calls []apitest.Call
	var ids []loyalty.CardID
	for range cards {
		ids = append(ids, a.NewCard(t, a.Shop, program).ID)
	}
	for version := int64(1); version < versions; version++ {
		draft := editing(t, a, program.ID, func(r *gen.Rules) { r.Earn.Bonuses[0].Units = version + 1 })
		a.Do(t, draft)
		calls = append(calls[:0], publishing(a, program.ID))
		for i := range 3 * cards {
			calls = append(calls, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, ids[i%cards]), apitest.Units(1)))
		}
		for i, answer := range atOnce(t, processes, calls) {
			if answer.Status >= 300 {
				t.Fatalf("call %d: %d %s", i, answer.Status, answer.Body)
			}
		}
	}
	seen := map[int32]int{}
	for _, id := range ids {
		page := apitest.Read[gen.EntryPage](t, a.Do(t, get(a.Shop.App, "/v1/cards/"+id.String()+"/entries?limit=100")))
		last := int32(versions)
		for _, e := range page.Entries { // newest first
			if e.Version > last || e.Units != 1+int64(e.Version) {
				t.Errorf("card %s: entry %d has %d units by version %d, the next one is by %d", id, e.Seq, e.Units, e.Version, last)
			}
			last = e.Version
			seen[e.Version]++
		}
		if len(page.Entries) != 3*(versions-1) {
			t.Errorf("card %s has %d entries", id, len(page.Entries))
		}
	}
	if len(seen) < versions/2 {
		t.Errorf("entries by versions %v: nothing was scanned in between", seen)
	}
}

// Two people publish one draft at once: it becomes one version.
func TestOneDraftIsPublishedTwice(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t))
	processes := []*apitest.API{a, a.Beside(t)}
	for round := range int32(5) {
		edit(t, a, a.Shop.Stamps.ID, func(r *gen.Rules) { r.Name = fmt.Sprint("Round ", round) })
		answers := atOnce(t, processes, []apitest.Call{publishing(a, a.Shop.Stamps.ID), publishing(a, a.Shop.Stamps.ID)})
		if n := successes(answers); n != 1 {
			t.Fatalf("published %d times: %s, %s", n, answers[0].Body, answers[1].Body)
		}
		for _, answer := range answers {
			if p := answer.Problem(); answer.Status >= 300 && (p.Code != gen.ProblemCodeDraftNotFound || p.Detail == "") {
				t.Errorf("the second is told %s", answer.Body)
			}
		}
		program := apitest.Read[gen.Program](t, a.Do(t, get(a.Shop.Admin, "/v1/programs/"+a.Shop.Stamps.ID.String())))
		if program.Version != round+2 {
			t.Errorf("version %d", program.Version)
		}
	}
}

// What the till was shown at the scan is a preview: when the table of discounts has
// changed before the bill comes, the new one holds, and the answer says so.
func TestDiscountChangesUnderAnOpenScan(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "restaurant")
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	other := c.Look(t, c.Shop, c.Shop.Back, c.card)
	if scan.Card.Discount.Rate != 300 {
		t.Fatalf("%+v", scan.Card.Discount)
	}
	publish(t, c.API, c.program.ID, func(r *gen.Rules) {
		r.Discount.Steps[0].Rate = 200
		r.Tiers.Levels[0].From, r.Tiers.Levels[0].Rate = 5000, 2000
	})
	bill := c.Post(t, apitest.Grant(c.Shop.Front, scan.Scan, "bill", 10_000, nil))
	if e := bill.Entries[0]; e.Version != 2 || e.Rate != 200 || e.Discount != 200 {
		t.Errorf("granted %+v", e)
	}
	if card := bill.Card; card.Tier.Name != "Regular" || card.Discount.Rate != 2000 {
		t.Errorf("now %+v, %+v", card.Tier, card.Discount)
	}
	// The scan at the other till is older than the tier, and gets it.
	if e := c.Post(t, apitest.Grant(c.Shop.Back, other.Scan, "second bill", 1000, nil)).Entries[0]; e.Rate != 2000 || e.Discount != 200 {
		t.Errorf("granted %+v", e)
	}
	// A void gives back what was given, whatever the rules have become.
	publish(t, c.API, c.program.ID, func(r *gen.Rules) { r.Discount.Steps[0].Rate, r.Tiers = 100, nil })
	if card := c.voided(t, bill.Entries[0].ID).Card; card.Discount.Spent != 800 || card.Discount.Rate != 100 || card.Tier != nil {
		t.Errorf("after the void: %+v, %+v", card.Discount, card.Tier)
	}
}

// A tier that multiplies changes while a handle is open: earning goes by what holds.
func TestTiersChangeUnderAnOpenScan(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "fuel")
	scan := c.Look(t, c.Shop, c.Shop.Front, c.card)
	publish(t, c.API, c.program.ID, func(r *gen.Rules) {
		zero := int64(0)
		r.Tiers.Levels[0].From, r.Tiers.Levels[0].Multiplier = zero, 3000
		r.Earn.HandleSeconds = 60
	})
	posted := c.Post(t, apitest.Earn(c.Shop.Front, scan.Scan, apitest.Map{"purchase": bought("tank", 2000)}))
	if posted.Entries[0].Units != 30 || reasons(posted.Why) != "base, Silver tier" {
		t.Errorf("earned %d: %s", posted.Entries[0].Units, reasons(posted.Why))
	}
}

// Once there are cards, what they count in stays: whoever wants another currency is
// told to make another program, and nothing is saved.
func TestCurrencyStays(t *testing.T) {
	t.Parallel()
	zloty := func(r *gen.Rules) {
		r.Earn.Currency = "PLN"
		for i := range r.Rewards {
			if r.Rewards[i].Currency != "" {
				r.Rewards[i].Currency = "PLN"
			}
		}
	}
	for template, change := range map[string]struct {
		field string
		edit  func(*gen.Rules)
	}{
		"supermarket": {"rules.earn.currency", zloty},
		"restaurant":  {"rules.discount.currency", func(r *gen.Rules) { r.Discount.Currency, r.Tiers.Currency = "PLN", "PLN" }},
		"fuel":        {"rules.earn.currency", zloty},
	} {
		c := newCustomer(t, template)
		p := c.Refused(t, editing(t, c.API, c.program.ID, change.edit), gen.ProblemCodeInvalidField)
		if p.Field != change.field || !strings.Contains(p.Detail, "EUR and stays so while there are cards: make another program") {
			t.Errorf("%s: %s: %s", template, p.Field, p.Detail)
		}
		c.Refused(t, office(c.Shop, http.MethodGet, "/v1/programs/"+c.program.ID.String()+"/draft", nil), gen.ProblemCodeDraftNotFound)
	}
}

// A template taken twice makes two programs that share nothing; a request that is
// repeated makes one.
func TestTemplateTakenTwice(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	take := func() apitest.Call {
		return office(a.Shop, http.MethodPost, "/v1/programs", apitest.Map{"template": "fuel"})
	}
	first := take()
	one := apitest.Read[gen.Program](t, a.Do(t, first))
	same := apitest.Read[gen.Program](t, a.Do(t, first))
	two := apitest.Read[gen.Program](t, a.Do(t, take()))
	if one.ID != same.ID || one.ID == two.ID || one.Rewards[0].ID == two.Rewards[0].ID {
		t.Errorf("programs %s, %s and %s", one.ID, same.ID, two.ID)
	}
}

// Sizes that no purchase has are refused by their field, and so is what would earn
// more than a card can hold; nothing of it is posted.
func TestOverflowingPurchases(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "fuel")
	const huge = loyalty.MaxAmount + 1
	line := func(name string, value any) apitest.Map {
		return with(bought("r", 2000), "items", []any{with(litres("diesel", 10_000, 2000), name, value)})
	}
	for name, tt := range map[string]struct {
		purchase apitest.Map
		code     gen.ProblemCode
		field    string
	}{
		"total":                   {bought("r", huge), gen.ProblemCodePurchaseInvalid, "earn.purchase.total"},
		"total beyond all":        {with(bought("r", 1), "total", 1e30), gen.ProblemCodeWrongType, "earn.purchase.total"},
		"negative":                {bought("r", -1), gen.ProblemCodePurchaseInvalid, "earn.purchase.total"},
		"a fraction":              {with(bought("r", 1), "total", 19.99), gen.ProblemCodeWrongType, "earn.purchase.total"},
		"amount of a line":        {line("amount", int64(huge)), gen.ProblemCodePurchaseInvalid, "earn.purchase.items[0].amount"},
		"quantity of a line":      {line("quantity", int64(huge)), gen.ProblemCodePurchaseInvalid, "earn.purchase.items[0].quantity"},
		"quantity beyond all":     {line("quantity", 1e30), gen.ProblemCodeWrongType, "earn.purchase.items[0].quantity"},
		"lines beyond the total":  {with(bought("r", 2000), "items", []any{piece("oil", 1500), piece("oil", 800)}), gen.ProblemCodePurchaseInvalid, "earn.purchase.items[1].amount"},
		"lines below the total":   {with(bought("r", 2000), "items", []any{piece("oil", 1500)}), gen.ProblemCodePurchaseInvalid, "earn.purchase.total"},
		"paid more than it costs": {with(bought("r", 2000), "paid_with_reward", 2001), gen.ProblemCodePurchaseInvalid, "earn.purchase.paid_with_reward"},
	} {
		p := c.Refused(t, c.earning(t, c.Shop.Front, apitest.Map{"purchase": tt.purchase}), tt.code)
		if p.Field != tt.field || p.Detail == "" {
			t.Errorf("%s: told of %q: %s", name, p.Field, p.Detail)
		}
	}
	body := `{"rules":{"name":"` + strings.Repeat("x", 10<<20) + `"}}`
	large := office(c.Shop, http.MethodPost, "/v1/programs", []byte(body))
	if answer, err := c.Try(t, large); err == nil && answer.Problem().Code != gen.ProblemCodeBodyTooLarge { // or the connection is closed midway
		t.Errorf("10 MB: %d %.200s", answer.Status, answer.Body)
	}
}
