package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
)

// partner is a shop's program that gives a code of another shop for ten points.
type partner struct {
	*apitest.API
	program loyalty.ProgramID
	reward  loyalty.RewardID
	path    string // of the pool
}

func openPartner(t *testing.T, a *apitest.API) *partner {
	t.Helper()
	rules := apitest.Map{
		"name": "Partner", "kind": "points", "earn": apitest.Map{"by": "units"},
		"rewards": []any{apitest.Map{"name": "A book voucher", "cost": 10, "kind": "code", "codes_low": 2}},
	}
	made := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": rules}}))
	if made.Rewards[0].Kind != gen.RewardKindCode {
		t.Fatalf("the till is not told that %+v is a code", made.Rewards[0])
	}
	p := &partner{API: a, program: made.ID, reward: made.Rewards[0].ID}
	p.path = "/v1/rewards/" + p.reward.String() + "/codes"
	return p
}

// file is a request to import a file.
func (p *partner) file(text string) apitest.Call {
	return apitest.Call{Path: p.path, Token: p.Shop.Admin, Body: []byte(text), Header: map[string]string{"Content-Type": "text/csv; charset=utf-8"}}
}

func (p *partner) imports(t *testing.T, text string) gen.CodeImportReport {
	t.Helper()
	return apitest.Read[gen.CodeImportReport](t, p.Do(t, p.file(text)))
}

func (p *partner) pool(t *testing.T) gen.CodePool {
	t.Helper()
	return apitest.Read[gen.CodePool](t, p.Do(t, apitest.Call{Method: http.MethodGet, Path: p.path, Token: p.Shop.Admin}))
}

// rich is a card with so many points.
func (p *partner) rich(t *testing.T, points int64) loyalty.CardID {
	t.Helper()
	card := p.NewCard(t, p.Shop, apitest.Program{ID: p.program}).ID
	p.Stamp(t, p.Shop, p.Shop.Front, card, points)
	return card
}

// redeems is a till's request to hand a code out, on a scan of its own.
func (p *partner) redeems(t *testing.T, card loyalty.CardID) apitest.Call {
	t.Helper()
	return apitest.Redeem(p.Shop.Front, p.Look(t, p.Shop, p.Shop.Front, card).Scan, apitest.Map{"reward": p.reward})
}

func (p *partner) read(t *testing.T, token string, id loyalty.GiftCodeID) gen.GiftCode {
	t.Helper()
	return apitest.Read[gen.GiftCode](t, p.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/codes/" + id.String(), Token: token}))
}

// A file of codes is taken whole, told of, and handed out code by code: the answer to
// the till names the code and does not have it, however often it is repeated.
func TestPartnerCodes(t *testing.T) {
	t.Parallel()
	p := openPartner(t, apitest.Boot(t))
	report := p.imports(t, "\ufeffCode;Expires\r\nBOOK-1;\r\nBOOK-2;2027-12-31\r\n\r\nBOOK-1;\r\n")
	if report.Imported != 2 || report.LeftOut != 1 || report.Left != 2 || len(report.Repeats) != 1 || report.Repeats[0] != (gen.CodeRepeat{Line: 5, First: 2}) {
		t.Fatalf("%+v", report)
	}
	card := p.rich(t, 30)
	redeem := p.redeems(t, card)
	answer := p.Do(t, redeem)
	posting := apitest.Read[gen.Posting](t, answer)
	if strings.Contains(string(answer.Body), "BOOK-") || posting.Code == nil || posting.Card.Balance != 20 {
		t.Fatalf("redeemed: %s", answer.Body)
	}
	if again := p.Do(t, redeem); string(again.Body) != string(answer.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %s", again.Body)
	}
	want := gen.GiftCode{
		ID: posting.Code.ID, Reward: p.reward, Name: "A book voucher", Code: "BOOK-2", // the one that ends first
		ExpiresAt: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC), HandedAt: posting.Entries[0].PostedAt, Card: card, Entry: posting.Entries[0].ID,
	}
	for _, token := range []string{p.Shop.Front.Token, p.Shop.App, p.Shop.Admin} {
		if got := p.read(t, token, posting.Code.ID); got != want {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
	drawn := apitest.Call{Method: http.MethodGet, Path: "/v1/codes/" + posting.Code.ID.String() + "/qr.png", Token: p.Shop.Front.Token}
	if text := enginetest.ReadQR(t, p.Do(t, drawn).Body); text != "BOOK-2" {
		t.Errorf("the picture says %q", text)
	}
	phone := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/codes", Token: p.Phone(t, p.Shop, card).Token}
	if list := apitest.Read[gen.GiftCodePage](t, p.Do(t, phone)); !slices.Equal(list.Codes, []gen.GiftCode{want}) {
		t.Errorf("the phone reads %+v", list)
	}
	if pool := p.pool(t); pool.Left != 1 || pool.HandedOut != 1 || !pool.Low || len(pool.Imports) != 1 || pool.Imports[0].ID != report.Import {
		t.Errorf("%+v", pool)
	}

	other := apitest.Call{Method: http.MethodGet, Path: drawn.Path, Token: p.Shop.Back.Token}
	p.Refused(t, other, gen.ProblemCodeCodeNotFound)
	p.Clock.Advance(16 * time.Minute)
	p.Refused(t, drawn, gen.ProblemCodeCodeNotFound)
	p.read(t, p.Shop.Admin, posting.Code.ID)
}

// An empty pool costs the customer nothing, and a code that was shown is spoiled by a
// void, which takes a manager.
func TestPartnerCodesRunOut(t *testing.T) {
	t.Parallel()
	p := openPartner(t, apitest.Boot(t))
	card := p.rich(t, 30)
	p.Refused(t, p.redeems(t, card), gen.ProblemCodeRewardOutOfStock)
	p.imports(t, "BOOK-1\n")
	posting := p.Post(t, p.redeems(t, card))
	p.Refused(t, p.redeems(t, card), gen.ProblemCodeRewardOutOfStock)

	entry := posting.Entries[0].ID
	if refused := p.Refused(t, apitest.Void(p.Shop.Front, entry, nil), gen.ProblemCodePINRequired); refused.Needs != gen.RoleManager {
		t.Errorf("%+v", refused)
	}
	p.Refused(t, apitest.Void(p.Shop.Front, entry, apitest.Map{"pin": p.Shop.PINs.Cashier}), gen.ProblemCodePINRequired)
	voided := p.Post(t, apitest.Void(p.Shop.Front, entry, apitest.Map{"pin": p.Shop.PINs.Manager}))
	if voided.Card.Balance != 30 || voided.Code != nil {
		t.Errorf("%+v", voided)
	}
	p.Refused(t, p.redeems(t, card), gen.ProblemCodeRewardOutOfStock)
	if pool := p.pool(t); pool.Spoiled != 1 || pool.HandedOut != 0 || pool.Left != 0 {
		t.Errorf("%+v", pool)
	}
	if code := p.read(t, p.Shop.Admin, posting.Code.ID); !code.Spoiled {
		t.Errorf("%+v", code)
	}
	if report := p.imports(t, "BOOK-1"); report.Imported != 0 || !report.Import.IsZero() {
		t.Errorf("what a customer has seen came back: %+v", report)
	}
}

// A file with a flaw is refused whole, and the sentence says where.
func TestPartnerCodesRefused(t *testing.T) {
	t.Parallel()
	p := openPartner(t, apitest.Boot(t))
	for file, detail := range map[string]string{
		"BOOK-1\nBOOK-2\n=HYPERLINK(1)\n": "Line 3, column 1 begins with =",
		"BOOK-1;2020-01-01":               "Line 1, column 2 is over",
		"BOOK\xff":                        "Line 1 is not UTF-8",
		"\n\n":                            "The file has no code in it.",
	} {
		if refused := p.Refused(t, p.file(file), gen.ProblemCodeCodeFileInvalid); !strings.HasPrefix(refused.Detail, detail) {
			t.Errorf("%q: %q", file, refused.Detail)
		}
	}
	if refused := p.Refused(t, p.file(strings.Repeat("BOOK-1\n", 10<<20/7+1)), gen.ProblemCodeBodyTooLarge); !strings.HasPrefix(refused.Detail, "The file is larger than 10 MiB.") {
		t.Errorf("%q", refused.Detail)
	}
	json := p.file("BOOK-1")
	json.Header["Content-Type"] = "application/json"
	p.Refused(t, json, gen.ProblemCodeUnsupportedMediaType)
	none := p.file("BOOK-1")
	none.Path = "/v1/rewards/" + p.Shop.Points.Rewards[0].String() + "/codes"
	p.Refused(t, none, gen.ProblemCodeActionNotOffered)
	if pool := p.pool(t); pool.Left != 0 || len(pool.Imports) != 0 {
		t.Errorf("%+v", pool)
	}
}

// A hundred thousand codes come in one file; what is left of an import can be taken
// back, and then be imported again.
func TestManyPartnerCodes(t *testing.T) {
	long(t)
	t.Parallel()
	p := openPartner(t, apitest.Boot(t))
	const many = 100_000
	var file strings.Builder
	for i := range many {
		fmt.Fprintf(&file, "BOOK-%06d\n", i)
	}
	report := p.imports(t, file.String())
	if report.Imported != many || report.Left != many {
		t.Fatalf("%+v", report)
	}
	p.Post(t, p.redeems(t, p.rich(t, 10)))
	if again := p.imports(t, file.String()); again.Imported != 0 || again.LeftOut != many || len(again.Repeats) != 100 {
		t.Errorf("again: %d imported, %d left out, %d told", again.Imported, again.LeftOut, len(again.Repeats))
	}
	withdraw := apitest.Call{Method: http.MethodDelete, Path: p.path + "/" + report.Import.String(), Token: p.Shop.Admin, Key: apitest.Key()}
	for range 2 {
		if gone := apitest.Read[gen.WithdrawnCodes](t, p.Do(t, withdraw)); gone.Removed != many-1 {
			t.Errorf("%d were withdrawn", gone.Removed)
		}
	}
	if report := p.imports(t, "BOOK-000000\nBOOK-000007\n"); report.Imported != 1 || report.Left != 1 {
		t.Errorf("%+v", report)
	}
	none := withdraw
	none.Path, none.Key = p.path+"/"+loyalty.ImportID(loyalty.NewID()).String(), ""
	p.Refused(t, none, gen.ProblemCodeImportNotFound)
}

// A hundred customers redeem at the same moment over three processes without a guard:
// sixty codes go to sixty of them, each once, and forty pay nothing.
func TestSixtyCodesForAHundred(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	p := openPartner(t, a)
	processes := []*apitest.API{a, a.Beside(t, apitest.Unguarded), a.Beside(t, apitest.Unguarded)}
	var file strings.Builder
	for i := range 60 {
		fmt.Fprintf(&file, "BOOK-%02d\n", i)
	}
	p.imports(t, file.String())
	calls := make([]apitest.Call, 100)
	for i := range calls {
		calls[i] = p.redeems(t, p.rich(t, 10))
	}
	handed := map[string]bool{}
	refused := 0
	for _, answer := range atOnce(t, processes, calls) {
		if answer.Status != http.StatusOK {
			if code := answer.Problem().Code; code != gen.ProblemCodeRewardOutOfStock {
				t.Errorf("refused with %s", answer.Body)
			}
			refused++
			continue
		}
		handed[p.read(t, p.Shop.Admin, apitest.Read[gen.Posting](t, answer).Code.ID).Code] = true
	}
	if pool := p.pool(t); len(handed) != 60 || refused != 40 || pool.HandedOut != 60 || pool.Left != 0 {
		t.Errorf("%d different codes went, %d were refused, %+v", len(handed), refused, pool)
	}
}

// The card's page shows the codes until they end, and draws them for no other card;
// what was voided is gone from it.
func TestPartnerCodesOnTheCardsPage(t *testing.T) {
	t.Parallel()
	p := openPartner(t, apitest.Boot(t))
	p.imports(t, "BOOK-1;2026-03-04\nBOOK-2\n")
	card, other := p.rich(t, 30), p.rich(t, 10)
	first := p.Post(t, p.redeems(t, card))
	page := "/card/" + p.Phone(t, p.Shop, card).Token
	picture := func(of string, posting gen.Posting) string { return of + "/codes/" + posting.Code.ID.String() + ".png" }
	shown := string(pageOf(t, p.API, page))
	if !strings.Contains(shown, "BOOK-1") || !strings.Contains(shown, picture(page, first)) || strings.Contains(shown, "BOOK-2") {
		t.Error("the page does not show the code that was handed out, and it alone")
	}
	if text := enginetest.ReadQR(t, pageOf(t, p.API, picture(page, first))); text != "BOOK-1" {
		t.Errorf("its picture says %q", text)
	}
	strangers := picture("/card/"+p.Phone(t, p.Shop, other).Token, first)
	if answer := getPage(t, p.API, strangers); answer.StatusCode != http.StatusNotFound {
		t.Errorf("to another card it is drawn: %d", answer.StatusCode)
	}
	p.Clock.Advance(3 * 24 * time.Hour)
	second := p.Post(t, p.redeems(t, card))
	if shown := string(pageOf(t, p.API, page)); strings.Contains(shown, "BOOK-1") || !strings.Contains(shown, "BOOK-2") {
		t.Error("the page shows a code that has ended, or not the next")
	}
	p.Post(t, apitest.Void(p.Shop.Front, second.Entries[0].ID, apitest.Map{"pin": p.Shop.PINs.Manager}))
	if shown := string(pageOf(t, p.API, page)); strings.Contains(shown, "BOOK-") {
		t.Error("the page shows a spoiled code")
	}
}
