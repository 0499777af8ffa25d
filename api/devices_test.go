package api_test

import (
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// A phone reads its card, shows a code of its own making, and signs out.
func TestPhoneStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	path := "/v1/cards/" + card.String()
	phone := a.Phone(t, shop, card)
	minted := apitest.Read[gen.Token](t, a.Do(t, apitest.Call{Path: path + "/tokens", Token: phone.Token}))
	apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, minted.Token, apitest.Units(3))))
	get := func(path string) apitest.Call {
		return apitest.Call{Method: http.MethodGet, Path: path, Token: phone.Token}
	}
	if got := apitest.Read[gen.Card](t, a.Do(t, get(path))); got.Balance != 3 {
		t.Errorf("the phone sees %+v", got)
	}
	if got := apitest.Read[gen.EntryPage](t, a.Do(t, get(path+"/entries"))); len(got.Entries) != 1 {
		t.Errorf("the phone sees %+v", got)
	}
	if got := a.Do(t, get(path+"/qr.png")); got.Status != http.StatusOK || got.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture: %d", got.Status)
	}
	for _, c := range []apitest.Call{
		{Path: path + "/tokens", Token: phone.Token, Body: apitest.Map{"method": "static"}},
		get(path + "/qr.png?method=static&surface=wallet"),
		{Path: path + "/devices", Token: phone.Token},
		get(path + "/devices"),
		get("/v1/programs"),
	} {
		a.Refused(t, c, gen.ProblemCodeForbidden)
	}

	second := a.Phone(t, shop, card)
	revoke := func(of gen.DeviceToken, by string) apitest.Call {
		return apitest.Call{Path: path + "/devices/" + of.ID.String() + "/revoke", Token: by}
	}
	a.Refused(t, revoke(second, phone.Token), gen.ProblemCodeDeviceNotFound)
	if got := apitest.Read[gen.Device](t, a.Do(t, revoke(phone, phone.Token))); !got.RevokedAt.Equal(a.Clock.Now()) {
		t.Errorf("revoked: %+v", got)
	}
	a.Refused(t, get(path), gen.ProblemCodeUnauthorized)
	if got := a.Do(t, apitest.Call{Method: http.MethodGet, Path: path, Token: second.Token}); got.Status != http.StatusOK {
		t.Errorf("the other phone: %d %s", got.Status, got.Body)
	}
}

// Phones are listed in pages, newest first, whether revoked or not.
func TestListOfPhones(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps).ID
	path := "/v1/cards/" + card.String() + "/devices"
	named := apitest.Read[gen.DeviceToken](t, a.Do(t, apitest.Call{Path: path, Token: shop.Admin, Body: apitest.Map{"name": "Annas Händi"}}))
	phones := []gen.DeviceToken{named, a.Phone(t, shop, card), a.Phone(t, shop, card)}
	a.Phone(t, shop, a.NewCard(t, shop, shop.Stamps).ID)
	a.Do(t, apitest.Call{Path: path + "/" + phones[1].ID.String() + "/revoke", Token: shop.App})

	var seen []gen.Device
	for query := "?limit=2"; query != ""; {
		page := apitest.Read[gen.DevicePage](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: path + query, Token: shop.App}))
		seen = append(seen, page.Devices...)
		query = ""
		if page.Next != "" {
			query = "?limit=2&after=" + page.Next
		}
	}
	if len(seen) != 3 || seen[0].ID != phones[2].ID || seen[1].ID != phones[1].ID || seen[2].ID != named.ID || seen[2].Name != "Annas Händi" {
		t.Fatalf("listed %+v", seen)
	}
	if seen[1].RevokedAt.IsZero() || !seen[0].RevokedAt.IsZero() {
		t.Errorf("revoked: %+v", seen)
	}
}
