package api_test

import (
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func lookUp(till apitest.Till, body apitest.Map) apitest.Call {
	return apitest.Call{Path: "/v1/scans/lookup", Token: till.Token, Body: body}
}

// A customer has left the phone at home: the cashier types the number, gives a
// stamp for what was bought, and calls the manager for the reward.
func TestCustomerWithoutAPhone(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		shop, card := a.Shop, full(t, a)
		person := a.NewPerson()
		member := a.NewMember(t, shop, person)
		a.Attach(t, shop, card.ID, member.ID)
		points := a.NewCard(t, shop, shop.Points)
		a.Attach(t, shop, points.ID, member.ID)
		phone := apitest.Map{"phone": person["phone"], "region": "DE"}

		if p := a.Refused(t, lookUp(shop.Front, phone), gen.ProblemCodePINRequired); p.Needs != gen.RoleCashier {
			t.Errorf("without a PIN: %+v", p)
		}
		a.Refused(t, lookUp(shop.Front, with(phone, "pin", a.Rival.PINs.Manager)), gen.ProblemCodePINWrong)

		number := strings.ToUpper(strings.TrimPrefix(card.ID.String(), "card_"))
		var found gen.Matches
		for _, by := range []apitest.Map{phone, {"phone": member.Phone}, {"email": strings.ToUpper(member.Email)}, {"card_number": number}} {
			found = apitest.Read[gen.Matches](t, a.Do(t, lookUp(shop.Front, with(by, "pin", shop.PINs.Cashier))))
			want := 2
			if by["card_number"] != nil {
				want = 1
			}
			if len(found.Matches) != want || found.Matches[want-1].Card.ID != card.ID || found.Matches[want-1].FirstName != "" {
				t.Fatalf("%v finds %+v", by, found)
			}
		}
		asked := apitest.Read[gen.Matches](t, a.Do(t, lookUp(shop.Front, with(phone, "pin", shop.PINs.Manager))))
		if len(asked.Matches) != 2 || asked.Matches[0].FirstName != "Agnieszka" {
			t.Errorf("to a manager: %+v", asked)
		}

		match := found.Matches[0]
		if match.Offers[0].NeedsPIN != gen.RoleManager {
			t.Errorf("offers %+v", match.Offers)
		}
		earned := a.Post(t, apitest.Earn(shop.Front, match.Scan, apitest.Map{"units": 1}))
		if earned.Entries[0].Method != gen.MethodManual {
			t.Errorf("earned %+v", earned.Entries)
		}
		a.Refused(t, apitest.Earn(shop.Front, match.Scan, apitest.Map{"units": 1}), gen.ProblemCodeScanAlreadyUsed)
		a.Refused(t, apitest.Earn(shop.Back, match.Scan, apitest.Map{"units": 1}), gen.ProblemCodeScanOtherTill)
		stepUp(t, a, gen.RoleManager, func(pin apitest.Map) apitest.Call {
			return apitest.Redeem(shop.Front, match.Scan, with(pin, "voucher", card.Vouchers[0].ID))
		})
	})
}

// Whom a shop does not know, and whom only another one knows, are the same to it.
func TestLookUpFindsNobody(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	stranger := a.NewMember(t, a.Rival)
	card := a.NewCard(t, a.Rival, a.Rival.Stamps)
	a.Attach(t, a.Rival, card.ID, stranger.ID)
	for _, by := range []apitest.Map{
		{"phone": stranger.Phone},
		{"email": stranger.Email},
		{"card_number": card.ID},
		{"phone": "+4915112345678"},
		{"email": "nobody@mail.example"},
		{"card_number": loyalty.CardID(loyalty.NewID())},
	} {
		if answer := a.Do(t, lookUp(a.Shop.Front, with(by, "pin", a.Shop.PINs.Manager))); string(answer.Body) != `{"matches":[]}` {
			t.Errorf("%v finds %s", by, answer.Body)
		}
	}
	for _, by := range []apitest.Map{
		{"phone": "0151 23456789"}, {"phone": "12", "region": "DE"}, {"email": "anna"}, {"card_number": "7F3K"}, {"phone": "+4915112345678", "card_number": card.ID},
	} {
		a.Refused(t, lookUp(a.Shop.Front, with(by, "pin", a.Shop.PINs.Manager)), gen.ProblemCodeInvalidField)
	}
	a.Refused(t, lookUp(a.Shop.Front, apitest.Map{"pin": a.Shop.PINs.Manager}), gen.ProblemCodeMissingField)
}

// Cards that are no longer used, or that nobody may be given anything on by hand,
// are no matches.
func TestLookUpLeavesOut(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	member := a.NewMember(t, shop)
	old, card, points := a.NewCard(t, shop, shop.Stamps), a.NewCard(t, shop, shop.Stamps), a.NewCard(t, shop, shop.Points)
	for _, id := range []loyalty.CardID{old.ID, card.ID, points.ID} {
		a.Attach(t, shop, id, member.ID)
	}
	a.Do(t, office(shop, "POST", "/v1/cards/"+old.ID.String()+"/merge", apitest.Map{"into": card.ID}))
	a.Publish(t, shop, shop.Points.ID, func(r *loyalty.Rules) {
		r.Policies = []loyalty.Policy{{Method: "manual", Action: "earn", Refused: true}, {Method: "manual", Action: "redeem", Refused: true}}
	})
	for _, by := range []apitest.Map{{"email": member.Email}, {"card_number": old.ID}, {"card_number": card.ID}} {
		found := apitest.Read[gen.Matches](t, a.Do(t, lookUp(shop.Front, with(by, "pin", shop.PINs.Cashier))))
		if len(found.Matches) != 1 || found.Matches[0].Card.ID != card.ID {
			t.Errorf("%v finds %+v", by, found)
		}
	}
}

// Who tries numbers has to wait, and is told for how long.
func TestLookUpsAreCounted(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	began := a.Clock.Now()
	call := lookUp(a.Shop.Front, apitest.Map{"phone": "+4915112345678", "pin": a.Shop.PINs.Cashier})
	for range 60 {
		if answer := a.Do(t, call); answer.Status != 200 {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	}
	if p := a.Refused(t, call, gen.ProblemCodeRateLimited); !p.RetryAt.Equal(began.Add(time.Hour)) {
		t.Errorf("may go on at %s", p.RetryAt)
	}
	a.Clock.Advance(time.Hour)
	if answer := a.Do(t, call); answer.Status != 200 {
		t.Errorf("an hour later: %d %s", answer.Status, answer.Body)
	}
}
