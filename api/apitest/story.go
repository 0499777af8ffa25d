package apitest

import (
	"crypto/rand"
	"net/http"
	"testing"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Map is a JSON object.
type Map = map[string]any

// Key is a fresh Idempotency-Key.
func Key() string { return rand.Text() }

// NewCard enrols a customer.
func (a *API) NewCard(t testing.TB, shop *Shop, program Program) gen.Card {
	t.Helper()
	return Read[gen.Card](t, a.Do(t, Call{Path: "/v1/cards", Token: shop.App, Body: Map{"program": program.ID}}))
}

// NewProgram makes a program of a template.
func (a *API) NewProgram(t testing.TB, shop *Shop, template string) Program {
	t.Helper()
	made := Read[gen.Program](t, a.Do(t, Call{Path: "/v1/programs", Token: shop.Admin, Body: Map{"template": template}}))
	program := Program{ID: made.ID}
	for _, reward := range made.Rewards {
		program.Rewards = append(program.Rewards, reward.ID)
	}
	return program
}

// GetCard reads a card.
func (a *API) GetCard(t testing.TB, shop *Shop, id loyalty.CardID) gen.Card {
	t.Helper()
	return Read[gen.Card](t, a.Do(t, Call{Method: http.MethodGet, Path: "/v1/cards/" + id.String(), Token: shop.App}))
}

// Token is a fresh live token of a card.
func (a *API) Token(t testing.TB, shop *Shop, id loyalty.CardID) string {
	t.Helper()
	return a.mint(t, shop, id, nil).Token
}

// Static is a card's static text on a surface.
func (a *API) Static(t testing.TB, shop *Shop, id loyalty.CardID, surface gen.Surface) string {
	t.Helper()
	return a.mint(t, shop, id, Map{"method": "static", "surface": surface}).Token
}

// Mint asks for a token with its link.
func (a *API) Mint(t testing.TB, shop *Shop, id loyalty.CardID) gen.Token {
	t.Helper()
	return a.mint(t, shop, id, nil)
}

func (a *API) mint(t testing.TB, shop *Shop, id loyalty.CardID, body any) gen.Token {
	t.Helper()
	return Read[gen.Token](t, a.Do(t, Call{Path: "/v1/cards/" + id.String() + "/tokens", Token: shop.App, Body: body}))
}

// Phone is a fresh token of a card for a phone.
func (a *API) Phone(t testing.TB, shop *Shop, id loyalty.CardID) gen.DeviceToken {
	t.Helper()
	phone := Read[gen.DeviceToken](t, a.Do(t, Call{Path: "/v1/cards/" + id.String() + "/devices", Token: shop.App}))
	shop.phones.Store(phone.Token, id)
	return phone
}

// Issue lets a till give out a claim code.
func (a *API) Issue(t testing.TB, till Till, program Program, more Map) gen.IssuedClaim {
	t.Helper()
	return Read[gen.IssuedClaim](t, a.Do(t, act(till, "/v1/claims", Map{"program": program.ID}, more)))
}

// Claim is a claim of a code under a fresh key; the zero card is the phone's own.
func Claim(token, code string, card loyalty.CardID) Call {
	body := Map{"code": code}
	if !card.IsZero() {
		body["card"] = card
	}
	return Call{Path: "/v1/claims/claim", Token: token, Key: Key(), Body: body}
}

// Scan is a till's request with a credential, under a fresh key.
func Scan(till Till, credential string, more Map) Call {
	return act(till, "/v1/scans", Map{"credential": credential}, more)
}

// Earn is a till's request to earn on a scan, under a fresh key.
func Earn(till Till, scan string, more Map) Call {
	return act(till, "/v1/scans/earn", Map{"scan": scan}, more)
}

// Redeem is a till's request to redeem on a scan, under a fresh key.
func Redeem(till Till, scan string, more Map) Call {
	return act(till, "/v1/scans/redeem", Map{"scan": scan}, more)
}

// Grant is a till's request for a discount on a purchase in euro, under a fresh key.
func Grant(till Till, scan, ref string, total int64, more Map) Call {
	return act(till, "/v1/scans/grant", Map{"scan": scan, "purchase": Map{"ref": ref, "total": total, "currency": "EUR"}}, more)
}

// Void is a till's request to take an entry back, under a fresh key.
func Void(till Till, entry loyalty.EntryID, more Map) Call {
	return act(till, "/v1/entries/"+entry.String()+"/void", Map{}, more)
}

func act(till Till, path string, body, more Map) Call {
	for name, value := range more {
		body[name] = value
	}
	return Call{Path: path, Token: till.Token, Key: Key(), Body: body}
}

// Units earns so many.
func Units(n int64) Map { return Map{"earn": Map{"units": n}} }

// Look scans a fresh live token without earning.
func (a *API) Look(t testing.TB, shop *Shop, till Till, id loyalty.CardID) gen.Scan {
	t.Helper()
	return Read[gen.Scan](t, a.Do(t, Scan(till, a.Token(t, shop, id), nil)))
}

// Stamp earns units on a fresh live token.
func (a *API) Stamp(t testing.TB, shop *Shop, till Till, id loyalty.CardID, units int64) gen.Scan {
	t.Helper()
	return Read[gen.Scan](t, a.Do(t, Scan(till, a.Token(t, shop, id), Units(units))))
}

// Post makes a request that must post something.
func (a *API) Post(t testing.TB, c Call) gen.Posting {
	t.Helper()
	return Read[gen.Posting](t, a.Do(t, c))
}
