package api_test

import (
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// The survivor of a merge becomes the member's, unless it is somebody else's.
func TestSurvivorIsTheMembers(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	anna, berta := a.NewMember(t, a.Shop).ID, a.NewMember(t, a.Shop).ID
	owner := func(card loyalty.CardID) loyalty.MemberID {
		found := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/member", Token: a.Shop.Admin})
		if found.Status != http.StatusOK {
			return loyalty.MemberID{}
		}
		return apitest.Read[gen.Member](t, found).ID
	}
	for _, before := range []loyalty.MemberID{{}, anna, berta} {
		old, into := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
		a.Attach(t, a.Shop, old, anna)
		want := anna
		if !before.IsZero() {
			a.Attach(t, a.Shop, into, before)
			want = before
		}
		merge := apitest.Call{Path: "/v1/cards/" + old.String() + "/merge", Token: a.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": into}}
		first, again := a.Do(t, merge), a.Do(t, merge)
		if first.Status != http.StatusCreated || string(first.Body) != string(again.Body) {
			t.Errorf("%d %s, then %d %s", first.Status, first.Body, again.Status, again.Body)
		}
		if got := owner(into); got != want {
			t.Errorf("it was %s's and is %s's, want %s", before, got, want)
		}
	}
}

// A card that has ended is nobody's to attach: the caller is told which one is.
func TestAttachMergedCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	old, kept := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	anna := a.NewMember(t, a.Shop).ID
	owner := func(method string, card loyalty.CardID) apitest.Call {
		return apitest.Call{Method: method, Path: "/v1/cards/" + card.String() + "/member", Token: a.Shop.Admin, Body: apitest.Map{"member": anna}}
	}
	a.Attach(t, a.Shop, old, anna)
	a.Post(t, mergeInto(a, old, kept))
	for _, call := range []apitest.Call{
		owner(http.MethodPut, old),
		{Method: http.MethodDelete, Path: "/v1/cards/" + old.String() + "/member", Token: a.Shop.Admin},
	} {
		if p := a.Refused(t, call, gen.ProblemCodeCardMerged); p.Card != kept {
			t.Errorf("%s leads on to %s", call.Method, p.Card)
		}
	}
	if again := a.Do(t, owner(http.MethodPut, kept)); again.Status != http.StatusOK {
		t.Errorf("%d %s", again.Status, again.Body)
	}
}
