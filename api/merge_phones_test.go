package api_test

import (
	"bytes"
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A card is merged into another one, and that into a third. The phone of the first,
// which knows no other id, goes on with what is left.
func TestPhoneOfAMergedCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	old, between, kept := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	phone, path := a.Phone(t, shop, old), "/v1/cards/"+old.String()
	a.Stamp(t, shop, shop.Front, old, 2)
	a.Stamp(t, shop, shop.Front, kept, 3)
	for _, merge := range []apitest.Call{mergeInto(a, old, between), mergeInto(a, between, kept)} {
		a.Post(t, merge)
	}
	get := func(path string) *apitest.Answer {
		return a.Do(t, apitest.Call{Method: http.MethodGet, Path: path, Token: phone.Token})
	}
	for _, id := range []loyalty.CardID{old, between, kept} {
		if seen := apitest.Read[gen.Card](t, get("/v1/cards/"+id.String())); seen.ID != kept || seen.Balance != 5 {
			t.Errorf("as %s the phone sees %+v", id, seen)
		}
	}
	if seen := apitest.Read[gen.EntryPage](t, get(path+"/entries")); len(seen.Entries) != 2 || seen.Entries[1].Units != 3 {
		t.Errorf("the phone sees the entries %+v", seen)
	}
	minted := apitest.Read[gen.Token](t, a.Do(t, apitest.Call{Path: path + "/tokens", Token: phone.Token}))
	if scan := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, minted.Token, apitest.Units(1)))); scan.Card.ID != kept {
		t.Errorf("its code opens %+v", scan.Card)
	}
	for _, card := range []loyalty.CardID{old, {}} {
		slip := a.Issue(t, shop.Front, shop.Stamps, apitest.Map{"units": 1})
		if claimed := a.Post(t, apitest.Claim(phone.Token, slip.Code, card)); claimed.Card.ID != kept {
			t.Errorf("it claims to %+v", claimed.Card)
		}
	}
	foreign := a.NewCard(t, shop, shop.Stamps).ID
	a.Refused(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + foreign.String(), Token: phone.Token}, gen.ProblemCodeCardNotFound)
	listed := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + kept.String() + "/devices", Token: shop.Admin})
	if page := apitest.Read[gen.DevicePage](t, listed); len(page.Devices) != 1 || page.Devices[0].ID != phone.ID {
		t.Errorf("the office sees the phones %+v", page)
	}
	revoked := a.Do(t, apitest.Call{Path: path + "/devices/" + phone.ID.String() + "/revoke", Token: phone.Token})
	if revoked.Status != http.StatusOK {
		t.Errorf("signing out: %d %s", revoked.Status, revoked.Body)
	}
}

// The phone of a lost card does not come to the one that replaces it, nor one
// person's to another's.
func TestPhoneThatIsNotTakenAlong(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	for name, prepare := range map[string]func(from, into loyalty.CardID){
		"a lost card": func(from, _ loyalty.CardID) {
			a.Do(t, apitest.Call{Path: "/v1/cards/" + from.String() + "/block", Token: shop.Admin})
		},
		"another's": func(from, into loyalty.CardID) {
			a.Attach(t, shop, from, a.NewMember(t, shop).ID)
			a.Attach(t, shop, into, a.NewMember(t, shop).ID)
		},
	} {
		from, into := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
		phone := a.Phone(t, shop, from)
		prepare(from, into)
		a.Post(t, mergeInto(a, from, into))
		get := func(id loyalty.CardID) apitest.Call {
			return apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + id.String(), Token: phone.Token}
		}
		if seen := apitest.Read[gen.Card](t, a.Do(t, get(from))); seen.ID != from {
			t.Errorf("%s: the phone sees %+v", name, seen)
		}
		a.Refused(t, get(into), gen.ProblemCodeCardNotFound)
	}
}

// The retry of a merge does not make the survivor the member's again.
func TestRetryOfAMergeAfterDetaching(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	old, into := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Attach(t, a.Shop, old, a.NewMember(t, a.Shop).ID)
	merge := mergeInto(a, old, into)
	first := a.Do(t, merge)
	owner := "/v1/cards/" + into.String() + "/member"
	if detached := a.Do(t, apitest.Call{Method: http.MethodDelete, Path: owner, Token: a.Shop.Admin}); detached.Status != http.StatusOK {
		t.Fatalf("%d %s", detached.Status, detached.Body)
	}
	if again := a.Do(t, merge); !bytes.Equal(again.Body, first.Body) {
		t.Errorf("the retry is answered %s", again.Body)
	}
	a.Refused(t, apitest.Call{Method: http.MethodGet, Path: owner, Token: a.Shop.Admin}, gen.ProblemCodeMemberNotFound)
}
