package api_test

import (
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
)

// newArcade is a coalition in which points buy money and codes, too: a coffee, a gift
// card over 20 euro, and a code of somebody else's.
func newArcade(t *testing.T) *street {
	t.Helper()
	a := apitest.Boot(t, apitest.IDsByClock)
	s := &street{API: a, bakery: a.Shop, books: a.OpenShop(t, "River Bookshop"), cinema: a.OpenShop(t, "=Kino")}
	made := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"rules": apitest.Map{
		"name": "Arcade card", "kind": "points", "earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down"},
		"coalition": apitest.Map{"units": 1, "value": 5, "currency": "EUR", "zone": "Europe/Berlin"},
		"rewards": []any{
			apitest.Map{"name": "A coffee", "cost": 50},
			apitest.Map{"name": "20 euro to spend", "cost": 300, "kind": "gift_card", "amount": 2000, "currency": "EUR"},
			apitest.Map{"name": "A month of films", "cost": 100, "kind": "code"},
		},
	}}}))
	s.program.ID = made.ID
	for _, reward := range made.Rewards {
		s.program.Rewards = append(s.program.Rewards, reward.ID)
	}
	a.Partner(t, s.bakery, s.program, s.books)
	a.Partner(t, s.bakery, s.program, s.cinema)
	s.card = a.NewCard(t, s.bakery, s.program).ID
	return s
}

// redeems has a reward of the program at a till, for points or off a voucher.
func (s *street) redeems(t *testing.T, till apitest.Till, reward int, more apitest.Map) gen.Posting {
	t.Helper()
	body := apitest.Map{"reward": s.program.Rewards[reward]}
	maps.Copy(body, more)
	return s.Post(t, apitest.Redeem(till, s.show(t, till).Scan, body))
}

// A gift card is bought with points at one partner's and spent at another's: who takes it
// is paid what it paid, by the operator, who owes that money since it was bought.
func TestGiftCardOfACoalition(t *testing.T) {
	t.Parallel()
	s := newArcade(t)
	month := s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01")
	s.buys(t, s.books.Front, 400)
	bought := s.redeems(t, s.books.Front, 1, nil)
	if bought.Card.Balance != 100 {
		t.Fatalf("bought: %+v", bought.Card)
	}
	bill := func(euros int64) apitest.Map {
		return apitest.Map{"ref": apitest.Key(), "total": euros * 100, "currency": "EUR"}
	}
	s.redeems(t, s.cinema.Front, 1, apitest.Map{"purchase": bill(12)})
	wrong := s.redeems(t, s.books.Front, 1, apitest.Map{"amount": 300})
	s.Post(t, apitest.Void(s.books.Front, wrong.Entries[0].ID, nil))
	s.redeems(t, s.bakery.Front, 1, apitest.Map{"purchase": bill(50)}) // what is left: 8 euro
	want := []gen.SettlementLine{
		{Merchant: s.bakery.ID, Name: s.bakery.Name, Operator: true, Redeemed: 300, Redemptions: 1, GiftCards: 800, Gets: 1500 + 800},
		{Merchant: s.books.ID, Name: s.books.Name, Issued: 400, Pays: 2000, Due: -2000},
		{Merchant: s.cinema.ID, Name: s.cinema.Name, GiftCards: 1200, Gets: 1200, Due: 1200},
	}
	if all := s.settle(t, s.bakery, month); !sameLines(all.Lines, want) {
		t.Errorf("%+v\nwant %+v", all.Lines, want)
	}
	if own := s.settle(t, s.cinema, month); !sameLines(own.Lines, want[2:]) {
		t.Errorf("the cinema sees %+v", own.Lines)
	}
}

// The till of a partner that hands a code out of the operator's pool reads that code, for
// a while, and nobody else of the partner's: the pool is the operator's, which has paid
// for the code.
func TestCodeOfACoalition(t *testing.T) {
	t.Parallel()
	s := newArcade(t)
	pool := "/v1/rewards/" + s.program.Rewards[2].String() + "/codes"
	s.Do(t, apitest.Call{
		Path: pool, Token: s.bakery.Admin, Body: []byte("FILM-1\nFILM-2\n"), Header: map[string]string{"Content-Type": "text/csv"},
	})
	s.buys(t, s.bakery.Front, 400)
	redeem := apitest.Redeem(s.cinema.Front, s.show(t, s.cinema.Front).Scan, apitest.Map{"reward": s.program.Rewards[2]})
	posting := s.Post(t, redeem)
	if posting.Code == nil {
		t.Fatalf("no code: %+v", posting)
	}
	read := func(token, path string) apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: "/v1/codes/" + posting.Code.ID.String() + path, Token: token}
	}
	if code := apitest.Read[gen.GiftCode](t, s.Do(t, read(s.cinema.Front.Token, ""))); code.Code != "FILM-1" || code.Name != "A month of films" {
		t.Errorf("the till reads %+v", code)
	}
	if text := enginetest.ReadQR(t, s.Do(t, read(s.cinema.Front.Token, "/qr.png")).Body); text != "FILM-1" {
		t.Errorf("the picture says %q", text)
	}
	if code := apitest.Read[gen.GiftCode](t, s.Do(t, read(s.bakery.Admin, ""))); code.Code != "FILM-1" {
		t.Errorf("the operator reads %+v", code)
	}
	for _, token := range []string{s.cinema.Back.Token, s.cinema.Admin, s.cinema.App, s.books.Front.Token, s.books.Admin, s.bakery.Front.Token, s.Rival.Front.Token} {
		s.Refused(t, read(token, ""), gen.ProblemCodeCodeNotFound)
		s.Refused(t, read(token, "/qr.png"), gen.ProblemCodeCodeNotFound)
	}
	// Neither the pool nor the card's other codes are a partner's.
	s.Refused(t, apitest.Call{Method: http.MethodGet, Path: pool, Token: s.cinema.Admin}, gen.ProblemCodeRewardNotFound)
	s.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String() + "/codes", Token: s.cinema.Admin}, gen.ProblemCodeCardNotFound)
	s.Clock.Advance(16 * time.Minute)
	s.Refused(t, read(s.cinema.Front.Token, ""), gen.ProblemCodeCodeNotFound)

	second := s.redeems(t, s.books.Front, 2, nil)
	s.Post(t, apitest.Void(s.books.Front, second.Entries[0].ID, apitest.Map{"pin": s.books.PINs.Manager})) // spoiled
	want := []gen.SettlementLine{{
		Merchant: s.bakery.ID, Name: s.bakery.Name, Operator: true, Issued: 400, Redeemed: 200, GivenBack: 100, Redemptions: 1, Pays: 2000, Gets: 500,
	}}
	if all := s.settle(t, s.bakery, s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01")); !sameLines(all.Lines, want) {
		t.Errorf("%+v\nwant %+v", all.Lines, want)
	}
}

// The accountant's table says what the settlement says, and no name in it is a formula.
func TestSettlementSheet(t *testing.T) {
	t.Parallel()
	s := newArcade(t)
	month := s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01")
	s.buys(t, s.bakery.Front, 100)
	s.redeems(t, s.cinema.Front, 0, nil)
	sheet := func(shop *apitest.Shop, month string) apitest.Call {
		call := s.settlement(shop, month)
		call.Path = strings.Replace(call.Path, "/settlement?", "/settlement.csv?", 1)
		return call
	}
	answer := s.Do(t, sheet(s.bakery, month))
	if got := answer.Header.Get("Content-Type"); answer.Status != http.StatusOK || got != "text/csv; charset=utf-8" {
		t.Fatalf("%d %s: %s", answer.Status, got, answer.Body)
	}
	if got := answer.Header.Get("Content-Disposition"); got != `attachment; filename="settlement-`+month+`.csv"` {
		t.Errorf("it is kept as %s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(string(answer.Body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	from := s.settle(t, s.bakery, month).From.Format(time.RFC3339)
	to := s.settle(t, s.bakery, month).To.Format(time.RFC3339)
	want := [][]string{
		strings.Split("month,from,to,closed,program,merchant,name,operator,issued,taken_back,redeemed,given_back,other,redemptions,gift_cards,pays,gets,due,currency", ","),
		{month, from, to, "false", s.program.ID.String(), s.bakery.ID.String(), s.bakery.Name, "true", "100", "0", "0", "0", "0", "0", "0", "500", "0", "0", "EUR"},
		{month, from, to, "false", s.program.ID.String(), s.cinema.ID.String(), "'=Kino", "false", "0", "0", "50", "0", "0", "1", "0", "0", "250", "250", "EUR"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal[[]string]) {
		t.Errorf("%v\nwant %v", rows, want)
	}
	own, err := csv.NewReader(strings.NewReader(string(s.Do(t, sheet(s.books, month)).Body))).ReadAll()
	if err != nil || len(own) != 2 || own[1][6] != s.books.Name || own[1][15] != "0" {
		t.Errorf("the bookshop reads %v, %v", own, err)
	}
	s.Refused(t, sheet(s.Rival, month), gen.ProblemCodeProgramNotFound)
	s.Refused(t, sheet(s.bakery, "2026-13"), gen.ProblemCodeInvalidField)
}

// A month is closed a minute after its end, and is what it is however late one asks:
// what a till without a network did in it and sent later counts where it was posted.
func TestClosedMonthStays(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	tablet := s.NewTablet(t, s.books.Front)
	month := func() string { return s.Clock.Now().In(s.bakery.Front.Zone).Format("2006-01") }
	first := month()
	s.buys(t, s.books.Front, 100)
	end := s.settle(t, s.bakery, first).To
	s.Clock.Advance(end.Sub(s.Clock.Now()) - time.Hour)
	late := tablet.Earn(t, s.Token(t, s.bakery, s.card), s.Clock.Now(), apitest.Map{
		"units": nil, "purchase": apitest.Map{"ref": apitest.Key(), "total": 1000, "currency": "EUR"},
	})
	s.Clock.Advance(time.Hour - time.Microsecond)
	wrong := s.buys(t, s.cinema.Front, 7) // in the last microsecond
	s.Clock.Advance(time.Microsecond)
	s.buys(t, s.cinema.Front, 9) // in the first of the next
	wantState(t, s.Sync(t, tablet, late)[0], gen.SyncStatePosted, "")
	if open := s.settle(t, s.bakery, first); open.Closed {
		t.Error("it is closed in the moment in which it ends")
	}
	s.Clock.Advance(time.Minute + time.Microsecond)
	was := s.settle(t, s.bakery, first)
	want := []gen.SettlementLine{
		{Merchant: s.bakery.ID, Name: s.bakery.Name, Operator: true},
		{Merchant: s.books.ID, Name: s.books.Name, Issued: 100, Pays: 300, Due: -300},
		{Merchant: s.cinema.ID, Name: s.cinema.Name, Issued: 7, Pays: 21, Due: -21},
	}
	if !was.Closed || !sameLines(was.Lines, want) {
		t.Errorf("%+v\nwant %+v", was, want)
	}
	s.Post(t, apitest.Void(s.cinema.Front, wrong.Entries[0].ID, nil))
	second := []gen.SettlementLine{
		{Merchant: s.bakery.ID, Name: s.bakery.Name, Operator: true},
		{Merchant: s.books.ID, Name: s.books.Name, Issued: 10, Pays: 30, Due: -30},
		{Merchant: s.cinema.ID, Name: s.cinema.Name, Issued: 9, TakenBack: 7, Pays: 6, Due: -6},
	}
	if now := s.settle(t, s.bakery, month()); !sameLines(now.Lines, second) {
		t.Errorf("%+v\nwant %+v", now.Lines, second)
	}
	s.Clock.Advance(61 * 24 * time.Hour)
	if again := s.settle(t, s.bakery, first); !again.Closed || !slices.Equal(again.Lines, was.Lines) {
		t.Errorf("after two months: %+v\nbefore: %+v", again.Lines, was.Lines)
	}
	sum := int64(0)
	for _, l := range append(was.Lines, s.settle(t, s.bakery, "2026-04").Lines...) {
		sum += l.Issued - l.TakenBack - l.Redeemed + l.GivenBack + l.Other
	}
	if card := s.GetCard(t, s.bakery, s.card); card.Balance != sum {
		t.Errorf("a balance of %d, the two months add up to %d", card.Balance, sum)
	}
}
