package apitest

import (
	"net/http"
	"testing"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// NewAgreement adds one.
func (a *API) NewAgreement(t testing.TB, shop *Shop, body Map) loyalty.AgreementID {
	t.Helper()
	return Read[gen.Agreement](t, a.Do(t, Call{Path: "/v1/agreements", Token: shop.Admin, Body: body})).ID
}

// Roster is an upload of a roster.
func Roster(shop *Shop, agreement loyalty.AgreementID, text string, add bool) Call {
	path := "/v1/agreements/" + agreement.String() + "/roster"
	if add {
		path += "?add=true"
	}
	return Call{Path: path, Token: shop.Admin, Body: []byte(text), Header: map[string]string{"Content-Type": "text/csv"}}
}

// PutRoster uploads one that is good.
func (a *API) PutRoster(t testing.TB, shop *Shop, agreement loyalty.AgreementID, text string, add bool) gen.RosterReport {
	t.Helper()
	return Read[gen.RosterReport](t, a.Do(t, Roster(shop, agreement, text, add)))
}

// Tags is a request for a member's tags.
func Tags(shop *Shop, member loyalty.MemberID, tags ...string) Call {
	if tags == nil {
		tags = []string{}
	}
	return Call{Method: http.MethodPut, Path: "/v1/members/" + member.String() + "/tags", Token: shop.App, Body: Map{"tags": tags}}
}

// Audience is a request to say what a member is.
func Audience(shop *Shop, member loyalty.MemberID, body Map) Call {
	return Call{Method: http.MethodPut, Path: "/v1/members/" + member.String() + "/audience", Token: shop.Admin, Body: body}
}

// Enrol is a request for a member's card.
func Enrol(shop *Shop, program Program, member loyalty.MemberID) Call {
	return Call{Path: "/v1/cards", Token: shop.App, Body: Map{"program": program.ID, "member": member}}
}
