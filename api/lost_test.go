package api_test

import (
	"net/http"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A loss ends the phones of a card, unless only paper was lost; and no more than
// ten can be added.
func TestPhonesOfALostCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	path := "/v1/cards/" + card.String()
	phones := make([]gen.DeviceToken, loyalty.MaxPhones)
	for i := range phones {
		phones[i] = a.Phone(t, shop, card)
	}
	more := apitest.Call{Path: path + "/devices", Token: shop.App}
	a.Refused(t, more, gen.ProblemCodeTooManyPhones)
	lose := func(more apitest.Map) {
		t.Helper()
		body := apitest.Map{"surface": "print"}
		for name, value := range more {
			body[name] = value
		}
		if answer := a.Do(t, apitest.Call{Path: path + "/reissue", Token: shop.Admin, Body: body}); answer.Status != http.StatusCreated {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	}
	look := apitest.Call{Method: http.MethodGet, Path: path, Token: phones[0].Token}
	lose(apitest.Map{"keep_phones": true})
	if answer := a.Do(t, look); answer.Status != http.StatusOK {
		t.Errorf("a kept phone: %d %s", answer.Status, answer.Body)
	}
	lose(nil)
	for _, phone := range phones {
		look.Token = phone.Token
		a.Refused(t, look, gen.ProblemCodeUnauthorized)
	}
	look.Token = a.Phone(t, shop, card).Token
	if answer := a.Do(t, look); answer.Status != http.StatusOK {
		t.Errorf("a phone of later: %d %s", answer.Status, answer.Body)
	}
}

// A till gives out as many codes as it likes, and is found to be stolen: what was
// printed since then is withdrawn with it, and the office sees which.
func TestStolenTillsClaims(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	honest := a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 1})
	a.Clock.Advance(time.Hour)
	stolen := a.Clock.Now()
	var printed gen.IssuedClaim
	for range loyalty.MaxClaims - 1 {
		printed = a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 1})
	}
	body := apitest.Map{"program": shop.Stamps.ID, "units": 1}
	issue := apitest.Call{Path: "/v1/claims", Token: shop.Front.Token, Key: apitest.Key(), Body: body}
	if p := a.Refused(t, issue, gen.ProblemCodePINRequired); p.Needs != gen.RoleManager {
		t.Errorf("told %+v", p)
	}
	body["pin"] = shop.PINs.Cashier
	a.Refused(t, issue, gen.ProblemCodePINRequired)
	a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 1, "pin": shop.PINs.Manager})
	a.Issue(t, shop.Back, shop.Stamps, apitest.Map{"units": 1})

	revoke := apitest.Call{Path: "/v1/tills/" + shop.Front.ID.String() + "/revoke", Token: shop.Admin}
	revoke.Body = apitest.Map{"claims_since": stolen, "keep_claims": true}
	if p := a.Refused(t, revoke, gen.ProblemCodeInvalidField); p.Field != "keep_claims" {
		t.Errorf("told %+v", p)
	}
	revoke.Body = apitest.Map{"claims_since": stolen}
	if answer := a.Do(t, revoke); answer.Status != http.StatusOK {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	card := a.NewCard(t, shop, shop.Stamps).ID
	a.Refused(t, apitest.Claim(shop.App, printed.Code, card), gen.ProblemCodeClaimWithdrawn)
	if claimed := a.Post(t, apitest.Claim(shop.App, honest.Code, card)); claimed.Card.Balance != 1 {
		t.Errorf("claimed %+v", claimed.Card)
	}
	states := map[gen.ClaimState]int{}
	for query := "?limit=60"; query != ""; {
		list := apitest.Call{Method: http.MethodGet, Path: "/v1/tills/" + shop.Front.ID.String() + "/claims" + query, Token: shop.Admin}
		page := apitest.Read[gen.ClaimPage](t, a.Do(t, list))
		for _, claim := range page.Claims {
			states[claim.State]++
		}
		query = ""
		if page.Next != "" {
			query = "?limit=60&after=" + page.Next
		}
	}
	if states[gen.ClaimStateWithdrawn] != loyalty.MaxClaims || states[gen.ClaimStateClaimed] != 1 || len(states) != 2 {
		t.Errorf("listed %v", states)
	}
}
