package apitest

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// NewPerson is a body for a new member whom nobody has seen before, with all
// fields. What it says must stand in no log.
func (a *API) NewPerson() Map {
	n, err := rand.Int(rand.Reader, big.NewInt(10_000_000))
	if err != nil {
		panic(err)
	}
	word := strings.ToLower(rand.Text())
	person := Map{
		"name": "Agnieszka " + word, "phone": fmt.Sprintf("0151 2%07d", n), "region": "DE",
		"email": word + "@mail.example", "external_id": "crm-" + word, "language": "pl",
	}
	a.Private(word, fmt.Sprintf("1512%07d", n), person["phone"].(string)) // fewer digits stand in many a time
	return person
}

// NewMember notes a person.
func (a *API) NewMember(t testing.TB, shop *Shop, more ...Map) gen.Member {
	t.Helper()
	person := a.NewPerson()
	for _, fields := range more {
		for name, value := range fields {
			person[name] = value
		}
	}
	return Read[gen.Member](t, a.Do(t, Call{Path: "/v1/members", Token: shop.App, Key: Key(), Body: person}))
}

// GetMember reads a person.
func (a *API) GetMember(t testing.TB, shop *Shop, id loyalty.MemberID) gen.Member {
	t.Helper()
	return Read[gen.Member](t, a.Do(t, Call{Method: http.MethodGet, Path: "/v1/members/" + id.String(), Token: shop.App}))
}

// Attach makes a card a member's.
func (a *API) Attach(t testing.TB, shop *Shop, card loyalty.CardID, member loyalty.MemberID) {
	t.Helper()
	c := Call{Method: http.MethodPut, Path: "/v1/cards/" + card.String() + "/member", Token: shop.App, Body: Map{"member": member}}
	if answer := a.Do(t, c); answer.Status != http.StatusOK {
		t.Fatalf("attach a card: %d %s", answer.Status, answer.Body)
	}
}
