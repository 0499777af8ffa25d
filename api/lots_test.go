package api_test

import (
	"net/http"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// supermarket is a shop with a program made from the template, and a card of it.
type supermarket struct {
	*apitest.API
	program gen.Program
	card    loyalty.CardID
	zone    *time.Location
}

func openSupermarket(t *testing.T) *supermarket {
	t.Helper()
	a := apitest.Boot(t)
	s := &supermarket{API: a, zone: loyaltytest.Zone(t, "Europe/Berlin")}
	s.program = apitest.Read[gen.Program](t, a.Do(t, apitest.Call{
		Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"template": "supermarket"},
	}))
	s.card = apitest.Read[gen.Card](t, a.Do(t, apitest.Call{
		Path: "/v1/cards", Token: a.Shop.App, Body: apitest.Map{"program": s.program.ID},
	})).ID
	return s
}

// buys lets the card earn on a purchase of two lines, and returns what was posted.
func (s *supermarket) buys(t *testing.T, first, second int64) gen.Scan {
	t.Helper()
	item := func(amount int64) apitest.Map {
		return apitest.Map{"quantity": 1000, "unit": "piece", "amount": amount}
	}
	purchase := apitest.Map{"ref": apitest.Key(), "total": first + second, "currency": "EUR", "items": []any{item(first), item(second)}}
	return apitest.Read[gen.Scan](t, s.Do(t, apitest.Scan(s.Shop.Front, s.Token(t, s.Shop, s.card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})))
}

func (s *supermarket) read(t *testing.T) gen.Card {
	t.Helper()
	return apitest.Read[gen.Card](t, s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: s.Shop.App}))
}

// refund is a till's request to refund a part of a purchase.
func refund(token string, entry loyalty.EntryID, body apitest.Map) apitest.Call {
	return apitest.Call{Path: "/v1/entries/" + entry.String() + "/refund", Token: token, Key: apitest.Key(), Body: body}
}

// until lets the time come, in the shop's zone.
func (s *supermarket) until(year int, month time.Month, day, hour int) {
	s.Clock.Advance(time.Date(year, month, day, hour, 0, 0, 0, s.zone).Sub(s.Clock.Now()))
}

// Points of a supermarket are good until the end of the next year, the oldest go
// first, and what comes back to the shop takes exactly its points along.
func TestSupermarketStory(t *testing.T) {
	t.Parallel()
	s := openSupermarket(t)
	s.until(2027, time.December, 31, 23)
	first := s.buys(t, 10_000, 5_000)
	newYear := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, s.zone) }
	if e := first.Card.Expiring; e == nil || e.Units != 150 || !e.ExpiresAt.Equal(newYear(2029)) {
		t.Fatalf("earned in the last hour of 2027: %+v", e)
	}
	s.until(2028, time.February, 29, 12)
	second := s.buys(t, 4_000, 6_000)
	if e := second.Card.Expiring; second.Card.Balance != 250 || e.Units != 150 || !e.ExpiresAt.Equal(newYear(2029)) {
		t.Fatalf("earned on 29 February: %+v", second.Card)
	}

	scan := s.Look(t, s.Shop, s.Shop.Front, s.card)
	s.Post(t, apitest.Redeem(s.Shop.Front, scan.Scan, apitest.Map{"reward": s.program.Rewards[0].ID})) // 50
	if e := s.read(t).Expiring; e.Units != 100 {
		t.Errorf("the oldest points pay: %+v", e)
	}

	pin := s.Shop.PINs.Cashier
	earned := second.Entries[0].ID
	s.Refused(t, refund(s.Shop.Front.Token, earned, apitest.Map{}), gen.ProblemCodePINRequired)
	s.Refused(t, refund(s.Shop.Front.Token, earned, apitest.Map{"lines": []any{3}, "pin": pin}), gen.ProblemCodeRefundInvalid)
	part := s.Post(t, refund(s.Shop.Front.Token, earned, apitest.Map{"lines": []any{2}, "pin": pin}))
	if e := part.Entries[0]; e.Kind != "refund" || e.Units != -60 || e.Origin != earned || part.Card.Balance != 140 || part.Card.Lifetime != 190 {
		t.Fatalf("refunded: %+v", part)
	}
	again := refund(s.Shop.Admin, earned, apitest.Map{"lines": []any{2}})
	s.Refused(t, again, gen.ProblemCodePurchaseAlreadyRefunded)
	s.Refused(t, apitest.Void(s.Shop.Front, earned, apitest.Map{"pin": s.Shop.PINs.Manager}), gen.ProblemCodeEntryNotVoidable)

	s.until(2029, time.January, 1, 0)
	if card := s.read(t); card.Balance != 40 || !card.Expiring.ExpiresAt.Equal(newYear(2030)) {
		t.Errorf("in the first moment of 2029: %+v", card)
	}
	s.Refused(t, apitest.Redeem(s.Shop.Front, s.Look(t, s.Shop, s.Shop.Front, s.card).Scan,
		apitest.Map{"reward": s.program.Rewards[0].ID}), gen.ProblemCodeInsufficientBalance)
	third := s.buys(t, 1_000, 0)
	if len(third.Entries) != 2 || third.Entries[0].Kind != "expire" || third.Entries[0].Units != -100 || third.Card.Balance != 50 {
		t.Errorf("the first purchase of 2029: %+v", third)
	}
	rest := s.Post(t, refund(s.Shop.Admin, earned, apitest.Map{}))
	if rest.Entries[0].Units != -40 || rest.Card.Balance != 10 {
		t.Errorf("the rest comes back: %+v", rest)
	}
	gone := s.Post(t, refund(s.Shop.Admin, first.Entries[0].ID, apitest.Map{"as_far_as_possible": true}))
	if gone.Entries[0].Units != -10 || gone.Card.Balance != 0 { // 50 were spent, 100 expired
		t.Errorf("of the oldest purchase: %+v", gone)
	}
}

// Points that can be taken back are not spent before: the till is told from when.
func TestPendingPoints(t *testing.T) {
	t.Parallel()
	s := openSupermarket(t)
	s.Publish(t, s.Shop, s.program.ID, func(r *loyalty.Rules) { r.Lots.Pending = 14 })
	card := s.buys(t, 10_000, 0).Card
	today := s.Clock.Now().In(s.zone)
	from := time.Date(today.Year(), today.Month(), today.Day()+14, 0, 0, 0, 0, s.zone)
	if p := card.Pending; card.Balance != 0 || p == nil || p.Units != 100 || !p.AvailableAt.Equal(from) {
		t.Fatalf("card %+v", card)
	}
	redeem := func() apitest.Call {
		return apitest.Redeem(s.Shop.Front, s.Look(t, s.Shop, s.Shop.Front, s.card).Scan, apitest.Map{"reward": s.program.Rewards[0].ID})
	}
	if p := s.Refused(t, redeem(), gen.ProblemCodeInsufficientBalance); !p.RetryAt.Equal(from) {
		t.Errorf("it may work at %s, want %s", p.RetryAt, from)
	}
	s.Clock.Advance(from.Sub(s.Clock.Now()))
	if done := s.Post(t, redeem()); done.Card.Balance != 50 || done.Card.Pending != nil {
		t.Errorf("card %+v", done.Card)
	}
}

// Bad lots are told by their field, and a program keeps those that it has.
func TestBadLots(t *testing.T) {
	t.Parallel()
	s := openSupermarket(t)
	rules := func(change func(apitest.Map)) apitest.Map {
		r := apitest.Map{
			"name": "Supermarket", "kind": "points",
			"earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down"},
		}
		change(r)
		return r
	}
	for field, lots := range map[string]apitest.Map{
		"rules.lots.after":        {"expires": "months"},
		"rules.lots.expires":      {"expires": "tomorrow"},
		"rules.lots.remind_days":  {"remind_days": 3},
		"rules.lots.pending_days": {"pending_days": 367},
	} {
		body := apitest.Map{"rules": rules(func(r apitest.Map) { r["lots"] = lots })}
		p := s.Refused(t, apitest.Call{Path: "/v1/programs", Token: s.Shop.Admin, Body: body}, gen.ProblemCodeInvalidField)
		if p.Field != field {
			t.Errorf("%v: field %s, want %s", lots, p.Field, field)
		}
	}
	path := "/v1/programs/" + s.program.ID.String()
	draft := apitest.Map{"based_on": 1, "rules": rules(func(apitest.Map) {})}
	p := s.Refused(t, apitest.Call{Method: http.MethodPut, Path: path + "/draft", Token: s.Shop.Admin, Body: draft}, gen.ProblemCodeInvalidField)
	if p.Field != "rules.lots" {
		t.Errorf("a program without its lots: %+v", p)
	}
}
