package api_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

func page(shop *apitest.Shop, rows ...any) apitest.Call {
	return apitest.Call{
		Path: "/v1/imports", Token: shop.Admin, Key: apitest.Key(),
		Body: apitest.Map{"program": shop.Stamps.ID, "region": "DE", "rows": rows},
	}
}

func imported(t *testing.T, a *apitest.API, c apitest.Call) gen.ImportReport {
	t.Helper()
	return apitest.Read[gen.ImportReport](t, a.Do(t, c))
}

// A shop moves in: cards with balances, one customer with two of them, and lines
// that are wrong.
func TestImport(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna, ben := a.NewPerson(), a.NewPerson()
	rows := []any{
		apitest.Map{"ref": "1", "balance": 13, "since": "2024-05-31", "phone": anna["phone"], "name": anna["name"]},
		apitest.Map{"ref": "2", "balance": 2, "phone": anna["phone"], "email": anna["email"]},
		apitest.Map{"ref": "3", "phone": "ask her"},
		apitest.Map{"external_id": ben["external_id"], "consent": "marketing_email", "consented_at": "2024-05-31", "wording": "Yes."},
		apitest.Map{"ref": "5", "email": anna["email"], "external_id": ben["external_id"]},
		apitest.Map{"ref": "=1+1"},
	}
	dry := page(a.Shop, rows...)
	dry.Body.(apitest.Map)["dry_run"] = true
	foreseen := imported(t, a, dry)
	call := page(a.Shop, rows...)
	report := imported(t, a, call)
	if report.Stored != 3 || report.Refused != 3 || foreseen.Stored != 3 || foreseen.Refused != 3 {
		t.Fatalf("%+v, foreseen %+v", report, foreseen)
	}
	for row, field := range map[int]string{2: "phone", 4: "external_id", 5: "ref"} {
		if got := report.Rows[row]; got.Result != gen.ImportResultRefused || got.Field != field || !got.Card.IsZero() {
			t.Errorf("row %d: %+v, want %s refused", row, got, field)
		}
	}
	first, second := report.Rows[0], report.Rows[1]
	if first.Member != second.Member || first.Card == second.Card || first.Card != foreseen.Rows[0].Card {
		t.Errorf("%+v and %+v", first, second)
	}
	if card := a.GetCard(t, a.Shop, first.Card); card.Balance != 3 || card.Lifetime != 13 || len(card.Vouchers) != 1 {
		t.Errorf("%+v", card)
	}
	if who := a.GetMember(t, a.Shop, first.Member); who.Email != anna["email"] || who.Name != anna["name"] {
		t.Errorf("%+v", who)
	}
	if who := a.GetMember(t, a.Shop, report.Rows[3].Member); len(who.Consents) != 1 || who.Consents[0].Purpose != "marketing_email" {
		t.Errorf("%+v", who)
	}

	// The same key replays, another one finds everything there.
	if again := a.Do(t, call); again.Header.Get("Idempotent-Replayed") != "true" || imported(t, a, call).Stored != 3 {
		t.Errorf("a retry: %s", again.Body)
	}
	if again := imported(t, a, page(a.Shop, rows...)); again.Stored != 0 || again.There != 3 || again.Rows[0].Card != first.Card {
		t.Errorf("again: %+v", again)
	}
	// A card that moved in earns like any other, and the same names mean others elsewhere.
	a.Stamp(t, a.Shop, a.Shop.Front, first.Card, 1)
	if other := imported(t, a, page(a.Rival, rows[:2]...)); other.Stored != 2 || other.Rows[0].Card == first.Card || other.Rows[0].Member == first.Member {
		t.Errorf("another merchant: %+v", other)
	}
}

// What moved in and was erased since does not come back with its card.
func TestImportAfterErasing(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna := a.NewPerson()
	row := apitest.Map{"ref": "1", "phone": anna["phone"], "name": anna["name"]}
	moved := imported(t, a, page(a.Shop, row)).Rows[0]
	erase := apitest.Call{Method: http.MethodDelete, Path: "/v1/members/" + moved.Member.String(), Token: a.Shop.Admin}
	if erased := a.Do(t, erase); erased.Status >= 300 {
		t.Fatalf("%d %s", erased.Status, erased.Body)
	}
	if again := imported(t, a, page(a.Shop, row)).Rows[0]; again.Result != gen.ImportResultThere || !again.Member.IsZero() {
		t.Errorf("%+v", again)
	}
	owner := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + moved.Card.String() + "/member", Token: a.Shop.Admin}
	a.Refused(t, owner, gen.ProblemCodeMemberNotFound)
}

// The same page from several clients at once is one.
func TestImportAtOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	var rows []any
	for range 20 {
		person := a.NewPerson()
		rows = append(rows, apitest.Map{"ref": apitest.Key(), "balance": 3, "phone": person["phone"], "email": person["email"]})
	}
	var reports [3]gen.ImportReport
	var all sync.WaitGroup
	for i := range reports {
		all.Go(func() { reports[i] = imported(t, a, page(a.Shop, rows...)) })
	}
	all.Wait()
	var stored int32
	for _, r := range reports {
		stored += r.Stored
		if len(r.Rows) != len(rows) || r.Rows[0].Card != reports[0].Rows[0].Card || r.Refused > 0 {
			t.Errorf("%+v", r)
		}
	}
	if stored != int32(len(rows)) {
		t.Errorf("%d rows were stored, of %d", stored, len(rows))
	}
}

func TestImportRefusesPages(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	row := apitest.Map{"ref": "1"}
	draft := apitest.Map{"template": "cafe", "draft": true}
	program := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: draft}))
	for name, tt := range map[string]struct {
		body apitest.Map
		code gen.ProblemCode
	}{
		"no rows":               {apitest.Map{"rows": []any{}}, gen.ProblemCodeMissingField},
		"another's program":     {apitest.Map{"program": a.Rival.Stamps.ID, "rows": []any{row}}, gen.ProblemCodeProgramNotFound},
		"a draft":               {apitest.Map{"program": program.ID, "rows": []any{row}}, gen.ProblemCodeProgramNotFound},
		"a country of nobody":   {apitest.Map{"region": "XX", "rows": []any{row}}, gen.ProblemCodeInvalidField},
		"a text without end":    {apitest.Map{"rows": []any{apitest.Map{"phone": string(make([]byte, 201))}}}, gen.ProblemCodeInvalidField},
		"a balance below zero":  {apitest.Map{"rows": []any{apitest.Map{"ref": "1", "balance": -1}}}, gen.ProblemCodeInvalidField},
		"500 long rows":         {apitest.Map{"rows": slices.Repeat([]any{apitest.Map{"wording": strings.Repeat("w", 600)}}, 500)}, gen.ProblemCodeBodyTooLarge},
		"a field of no meaning": {apitest.Map{"rows": []any{apitest.Map{"ref": "1", "points": 1}}}, gen.ProblemCodeUnknownField},
	} {
		t.Run(name, func(t *testing.T) {
			a.Refused(t, apitest.Call{Path: "/v1/imports", Token: a.Shop.Admin, Body: tt.body}, tt.code)
		})
	}
	cards := imported(t, a, apitest.Call{Path: "/v1/imports", Token: a.Shop.Admin, Body: apitest.Map{"rows": []any{row}}})
	if cards.Refused != 1 || cards.Rows[0].Field != "ref" {
		t.Errorf("a card without a program: %+v", cards)
	}
}
