package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// scarceRules give rewards of which each can run out in its way.
func scarceRules() apitest.Map {
	return apitest.Map{
		"name": "Scarce", "kind": "points", "earn": apitest.Map{"by": "units"},
		"rewards": []any{
			apitest.Map{"name": "The last cup", "cost": 10, "limited": true},
			apitest.Map{"name": "Once each", "cost": 10, "per_card": 1},
			apitest.Map{"name": "A book voucher", "cost": 10, "kind": "code"},
			apitest.Map{"name": "A cup", "cost": 10},
			apitest.Map{"name": "A machine", "cost": 1000, "limited": true},
		},
	}
}

// saysOf is what offers say of each reward of a program, in the order of its
// catalogue: its reason, or nothing where it is available.
func saysOf(t *testing.T, p *gen.Program, offers gen.Offers) []gen.ProblemCode {
	t.Helper()
	said := make([]gen.ProblemCode, len(p.Rewards))
	for _, o := range offers {
		i := slices.IndexFunc(p.Rewards, func(r gen.Reward) bool { return r.ID == o.Reward })
		said[i] = o.Reason
		if o.Available != (o.Reason == "") {
			t.Errorf("%s is available %t, because of %q", o.Name, o.Available, o.Reason)
		}
	}
	return said
}

// Two tills of two processes are told what is left, before and after each of them takes
// something; and when both are told of the last one and ask at once, one is refused.
func TestOffersTellTheTruth(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Unguarded)
	b := a.Beside(t)
	shop := a.Shop
	program := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: shop.Admin, Body: apitest.Map{"rules": scarceRules()}}))
	cup, once, book, plain := program.Rewards[0].ID, program.Rewards[1].ID, program.Rewards[2].ID, program.Rewards[3].ID
	count := func(reward loyalty.RewardID, left int) {
		t.Helper()
		if put := a.Do(t, apitest.Call{Method: http.MethodPut, Path: "/v1/rewards/" + reward.String() + "/stock", Token: shop.Admin, Body: apitest.Map{"remaining": left}}); put.Status != http.StatusOK {
			t.Fatalf("%d %s", put.Status, put.Body)
		}
	}
	count(cup, 1)
	codes := &partner{API: a, program: program.ID, reward: book, path: "/v1/rewards/" + book.String() + "/codes"}
	cards := [2]loyalty.CardID{}
	for i := range cards {
		cards[i] = a.NewCard(t, shop, apitest.Program{ID: program.ID}).ID
		a.Stamp(t, shop, shop.Front, cards[i], 100)
	}
	const (
		few   = gen.ProblemCodeInsufficientBalance
		none  = gen.ProblemCodeRewardOutOfStock
		limit = gen.ProblemCodeRewardLimitReached
	)
	holds := func(step string, offers gen.Offers, want ...gen.ProblemCode) {
		t.Helper()
		if said := saysOf(t, &program, offers); !slices.Equal(said, want) {
			t.Errorf("%s: %q, want %q", step, said, want)
		}
	}
	redeems := func(till apitest.Till, card loyalty.CardID, reward loyalty.RewardID) apitest.Call {
		t.Helper()
		return apitest.Redeem(till, a.Look(t, shop, till, card).Scan, apitest.Map{"reward": reward})
	}

	holds("a scan", a.Look(t, shop, shop.Front, cards[0]).Offers, "", "", none, "", few)
	a.Refused(t, redeems(shop.Front, cards[0], book), none)
	codes.imports(t, "BOOK-1\n")
	holds("a code was imported", b.Look(t, shop, shop.Back, cards[0]).Offers, "", "", "", "", few)
	holds("once", a.Post(t, redeems(shop.Front, cards[0], once)).Offers, "", limit, "", "", few)
	a.Refused(t, redeems(shop.Back, cards[0], once), limit)
	holds("the other card", b.Look(t, shop, shop.Back, cards[1]).Offers, "", "", "", "", few)
	holds("a plain one", b.Post(t, redeems(shop.Back, cards[0], plain)).Offers, "", limit, "", "", few)
	holds("the code", a.Post(t, redeems(shop.Front, cards[0], book)).Offers, "", limit, none, "", few)
	holds("an earning at the other till", b.Stamp(t, shop, shop.Back, cards[1], 1).Offers, "", "", none, "", few)

	// Both are told of the last cup, and both ask.
	scans := [2]gen.Scan{a.Look(t, shop, shop.Front, cards[0]), b.Look(t, shop, shop.Back, cards[1])}
	holds("the front till", scans[0].Offers, "", limit, none, "", few)
	holds("the back till", scans[1].Offers, "", "", none, "", few)
	answers := atOnce(t, []*apitest.API{a, b}, []apitest.Call{
		apitest.Redeem(shop.Front, scans[0].Scan, apitest.Map{"reward": cup}), apitest.Redeem(shop.Back, scans[1].Scan, apitest.Map{"reward": cup}),
	})
	if n := successes(answers); n != 1 {
		t.Fatalf("%d of two got the last cup", n)
	}
	for i, answer := range answers {
		if answer.Status != http.StatusOK {
			if code := answer.Problem().Code; code != none {
				t.Errorf("refused with %s", code)
			}
			continue
		}
		said := saysOf(t, &program, apitest.Read[gen.Posting](t, answer).Offers)
		if said[0] != none {
			t.Errorf("till %d, who took it: %q", i, said)
		}
	}
	holds("after that", a.Look(t, shop, shop.Front, cards[1]).Offers, none, "", none, "", few)
	count(cup, 5)
	holds("a delivery", b.Look(t, shop, shop.Back, cards[1]).Offers, "", "", none, "", few)
}

// The card's page says of a reward that the points pay for why it cannot be had now.
func TestOffersOnTheCardsPage(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	program := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: shop.Admin, Body: apitest.Map{"rules": scarceRules()}}))
	card := a.NewCard(t, shop, apitest.Program{ID: program.ID}).ID
	a.Stamp(t, shop, shop.Front, card, 100)
	page := "/card/" + a.Phone(t, shop, card).Token + "?lang="
	a.Post(t, apitest.Redeem(shop.Front, a.Look(t, shop, shop.Front, card).Scan, apitest.Map{"reward": program.Rewards[1].ID}))
	for language, says := range map[string][2]string{
		"en": {"You have had this as often as you may.", "There is none left at the moment."},
		"pl": {"Ta nagroda została już odebrana tyle razy, ile można.", "W tej chwili jej zabrakło."},
		"ro": {"Ai primit deja această recompensă de câte ori se poate.", "Momentan nu mai este disponibilă."},
	} {
		shown := string(pageOf(t, a, page+language))
		if strings.Count(shown, says[0]) != 1 || strings.Count(shown, says[1]) != 2 { // the cup and the code
			t.Errorf("%s: %d and %d times it says why", language, strings.Count(shown, says[0]), strings.Count(shown, says[1]))
		}
	}
}

// Whichever limit it was, what a refusal says is true: of a card, of a member with another
// card, and of a card that is nobody's.
func TestRewardLimitsAreToldTruly(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	opens := func(limit string) (once loyalty.RewardID, card func(apitest.Map) loyalty.CardID) {
		t.Helper()
		rules := apitest.Map{"name": limit, "kind": "points", "earn": apitest.Map{"by": "units"}, "rewards": []any{apitest.Map{"name": "Once", "cost": 10, limit: 1}}}
		program := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{Path: "/v1/programs", Token: shop.Admin, Body: apitest.Map{"rules": rules}}))
		return program.Rewards[0].ID, func(more apitest.Map) loyalty.CardID {
			body := apitest.Map{"program": program.ID}
			maps.Copy(body, more)
			card := apitest.Read[gen.Card](t, a.Do(t, apitest.Call{Path: "/v1/cards", Token: shop.Admin, Body: body})).ID
			a.Stamp(t, shop, shop.Front, card, 20)
			return card
		}
	}
	perCard, ofCard := opens("per_card")
	perMember, ofMember := opens("per_member")
	hers := apitest.Map{"member": a.NewMember(t, shop).ID}
	same, nobodys := ofCard(nil), ofMember(nil)
	for name, tt := range map[string]struct {
		reward     loyalty.RewardID
		had, asked loyalty.CardID
		detail     string
	}{
		"of a card":                      {perCard, same, same, "This card has had this reward as often as it may: 1 of 1."},
		"of a member, with another card": {perMember, ofMember(hers), ofMember(hers), "Whoever holds this card has had this reward as often as one may, with all cards: 1 of 1."},
		"of a card that is nobody's":     {perMember, nobodys, nobodys, "Whoever holds this card has had this reward as often as one may, with all cards: 1 of 1."},
	} {
		redeem := func(card loyalty.CardID) apitest.Call {
			return apitest.Redeem(shop.Front, a.Look(t, shop, shop.Front, card).Scan, apitest.Map{"reward": tt.reward})
		}
		a.Post(t, redeem(tt.had))
		told := a.Refused(t, redeem(tt.asked), gen.ProblemCodeRewardLimitReached)
		if told.Title != "The reward was had as often as its limits allow" || told.Detail != tt.detail {
			t.Errorf("%s: %q: %q", name, told.Title, told.Detail)
		}
	}
}
