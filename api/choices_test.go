package api_test

import (
	"net/http"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// wisher is the holder of a card of the gift shop's program, with a phone.
type wisher struct {
	*apitest.API
	card         loyalty.CardID
	phone        string
	gift, points loyalty.RewardID
}

func newWisher(t *testing.T, a *apitest.API) *wisher {
	t.Helper()
	card, program := giftShop(t, a)
	return &wisher{a, card, a.Phone(t, a.Shop, card).Token, program.Rewards[0].ID, program.Rewards[1].ID}
}

func (w *wisher) path() string { return "/v1/cards/" + w.card.String() + "/choice" }

func (w *wisher) call(body apitest.Map) apitest.Call {
	return apitest.Call{Method: http.MethodPut, Path: w.path(), Token: w.phone, Body: body}
}

func (w *wisher) chooses(t *testing.T, body apitest.Map) gen.Choice {
	t.Helper()
	return apitest.Read[gen.Card](t, w.Do(t, w.call(body))).Choice
}

func (w *wisher) takesBack(t *testing.T) {
	t.Helper()
	card := apitest.Read[gen.Card](t, w.Do(t, apitest.Call{Method: http.MethodDelete, Path: w.path(), Token: w.phone}))
	if card.Choice != (gen.Choice{}) {
		t.Errorf("after taking it back: %+v", card.Choice)
	}
}

// told is what a till that scans the card is told of the choice: the offer.
func (w *wisher) told(t *testing.T, till apitest.Till) (scan gen.Scan, chosen gen.Offer) {
	t.Helper()
	scan = w.Look(t, w.Shop, till, w.card)
	return scan, chosenOf(t, scan.Offers)
}

func chosenOf(t *testing.T, offers gen.Offers) (chosen gen.Offer) {
	t.Helper()
	for _, o := range offers {
		if o.Chosen == (gen.ChosenPart{}) {
			continue
		}
		if chosen.Chosen != (gen.ChosenPart{}) {
			t.Errorf("two offers are chosen: %+v", offers)
		}
		chosen = o
	}
	return chosen
}

// wished is what whoever reads the card is told.
func (w *wisher) wished(t *testing.T) gen.Choice {
	t.Helper()
	read := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + w.card.String(), Token: w.phone}
	return apitest.Read[gen.Card](t, w.Do(t, read)).Choice
}

func (w *wisher) off(amount int64) apitest.Map {
	bill := apitest.Map{"ref": apitest.Key(), "total": 1500, "currency": "EUR"}
	return apitest.Map{"reward": w.points, "amount": amount, "purchase": bill}
}

// A customer chooses how much on the phone; the till opens with it, and redeems it.
func TestChoiceStory(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	until := w.Clock.Now().Add(loyalty.ChoiceLife)
	choice := w.chooses(t, apitest.Map{"reward": w.points, "amount": 333})
	if choice.Amount != 333 || choice.Units != 34 || choice.Currency != "EUR" || choice.Name != "Points as money" || !choice.Until.Equal(until) || w.wished(t) != choice {
		t.Fatalf("chosen: %+v", choice)
	}
	if card := w.GetCard(t, w.Shop, w.card); card.Balance != 100 {
		t.Errorf("it costs something: %+v", card)
	}
	scan, offer := w.told(t, w.Shop.Front)
	if offer.Reward != w.points || offer.Chosen.Amount != 333 || !offer.Chosen.Until.Equal(until) {
		t.Fatalf("the till is told %+v", offer)
	}
	if _, again := w.told(t, w.Shop.Back); again.Chosen != offer.Chosen {
		t.Errorf("the other till is told %+v", again)
	}
	posted := w.Post(t, apitest.Redeem(w.Shop.Front, scan.Scan, w.off(offer.Chosen.Amount)))
	if posted.Off != 333 || posted.Card.Balance != 66 || chosenOf(t, posted.Offers).Name != "" {
		t.Errorf("redeemed: %+v", posted)
	}
	if _, after := w.told(t, w.Shop.Back); after.Name != "" || w.wished(t) != (gen.Choice{}) {
		t.Errorf("it is still chosen: %+v", after)
	}
}

// The cashier gives another amount: that counts, and the choice is used up. The other
// till, which has seen it, goes on without it.
func TestChoiceAtTwoTills(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	w.chooses(t, apitest.Map{"reward": w.points, "amount": 900})
	front, _ := w.told(t, w.Shop.Front)
	back, chosen := w.told(t, w.Shop.Back)
	if posted := w.Post(t, apitest.Redeem(w.Shop.Front, front.Scan, w.off(500))); posted.Off != 500 || chosenOf(t, posted.Offers).Name != "" {
		t.Errorf("another amount: %+v", posted)
	}
	w.Refused(t, apitest.Redeem(w.Shop.Back, back.Scan, w.off(chosen.Chosen.Amount)), gen.ProblemCodeInsufficientBalance)
	if w.wished(t) != (gen.Choice{}) {
		t.Error("it is still chosen")
	}
}

// A scan that earns at once, and earning on a scan, tell it too, and leave it.
func TestChoiceWhileEarning(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	w.chooses(t, apitest.Map{"reward": w.gift})
	scan := apitest.Read[gen.Scan](t, w.Do(t, apitest.Scan(w.Shop.Front, w.Token(t, w.Shop, w.card), apitest.Map{"earn": apitest.Map{"units": 5}})))
	if offer := chosenOf(t, scan.Offers); offer.Reward != w.gift || offer.Chosen.Amount != 0 {
		t.Errorf("earned at once: %+v", offer)
	}
	bought := w.Post(t, apitest.Redeem(w.Shop.Front, scan.Scan, apitest.Map{"reward": w.gift}))
	w.chooses(t, apitest.Map{"voucher": bought.Card.Vouchers[0].ID, "amount": 700})
	if _, offer := w.told(t, w.Shop.Front); offer.Voucher != bought.Card.Vouchers[0].ID || offer.Chosen.Amount != 700 {
		t.Errorf("of the gift card: %+v", offer)
	}
}

func TestChoiceEnds(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	w.chooses(t, apitest.Map{"reward": w.points, "amount": 900})
	w.chooses(t, apitest.Map{"reward": w.gift}) // instead
	if _, offer := w.told(t, w.Shop.Front); offer.Reward != w.gift {
		t.Errorf("the till is told %+v", offer)
	}
	w.takesBack(t)
	w.takesBack(t)
	if _, offer := w.told(t, w.Shop.Front); offer.Name != "" {
		t.Errorf("taken back: %+v", offer)
	}
	w.chooses(t, apitest.Map{"reward": w.points, "amount": 900})
	w.Clock.Advance(loyalty.ChoiceLife - time.Second)
	if _, offer := w.told(t, w.Shop.Front); offer.Chosen.Amount != 900 {
		t.Errorf("a second before it ends: %+v", offer)
	}
	w.Clock.Advance(time.Second)
	if _, offer := w.told(t, w.Shop.Front); offer.Name != "" || w.wished(t) != (gen.Choice{}) {
		t.Errorf("when it has ended: %+v", offer)
	}

	w.chooses(t, apitest.Map{"reward": w.points, "amount": 900})
	adjust := apitest.Call{Path: "/v1/cards/" + w.card.String() + "/adjustments", Token: w.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": -50}}
	w.Post(t, adjust)
	if _, offer := w.told(t, w.Shop.Front); offer.Name != "" || w.wished(t) != (gen.Choice{}) {
		t.Errorf("when it can be had no more: %+v", offer)
	}
}

func TestChoiceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	for _, tt := range []struct {
		body apitest.Map
		code gen.ProblemCode
	}{
		{apitest.Map{"reward": w.points, "amount": 1001}, gen.ProblemCodeInsufficientBalance},
		{apitest.Map{"reward": w.points, "amount": 49}, gen.ProblemCodeAmountInvalid},
		{apitest.Map{"reward": w.points}, gen.ProblemCodeAmountInvalid},
		{apitest.Map{"reward": w.points, "amount": 0}, gen.ProblemCodeInvalidField},
		{apitest.Map{"reward": w.gift, "amount": 100}, gen.ProblemCodeVoucherNotFound},
		{apitest.Map{"reward": w.Shop.Points.Rewards[0]}, gen.ProblemCodeRewardNotFound},
		{apitest.Map{}, gen.ProblemCodeMissingField},
	} {
		w.Refused(t, w.call(tt.body), tt.code)
	}
	good := apitest.Map{"reward": w.points, "amount": 500}
	elsewhere := w.call(good)
	elsewhere.Token = w.Rival.App
	w.Refused(t, elsewhere, gen.ProblemCodeCardNotFound)
	elsewhere.Token = w.Phone(t, w.Shop, w.NewCard(t, w.Shop, w.Shop.Points).ID).Token
	w.Refused(t, elsewhere, gen.ProblemCodeCardNotFound)
	if w.wished(t) != (gen.Choice{}) {
		t.Error("somebody else has chosen")
	}
	theirs := w.call(good)
	theirs.Token = w.Shop.App
	w.Do(t, theirs)
	if w.wished(t).Amount != 500 {
		t.Error("the merchant's app has not chosen")
	}
	w.Do(t, apitest.Call{Path: "/v1/cards/" + w.card.String() + "/block", Token: w.Shop.Admin, Body: apitest.Map{}})
	theirs.Body = apitest.Map{"reward": w.gift}
	w.Refused(t, theirs, gen.ProblemCodeCardBlocked)
}

// A retry chooses nothing anew, and is answered as the first time.
func TestChoiceIsRepeatable(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	choose := w.call(apitest.Map{"reward": w.points, "amount": 500})
	choose.Key = apitest.Key()
	first := apitest.Read[gen.Card](t, w.Do(t, choose))
	w.takesBack(t)
	if again := apitest.Read[gen.Card](t, w.Do(t, choose)); again.Choice != first.Choice || w.wished(t) != (gen.Choice{}) {
		t.Errorf("a retry: %+v, and then %+v", again.Choice, w.wished(t))
	}
}

// A card that was merged goes on at its survivor: its phone chooses there, and what was
// chosen on it before is forgotten.
func TestChoiceOfMergedCard(t *testing.T) {
	t.Parallel()
	w := newWisher(t, apitest.Boot(t))
	w.chooses(t, apitest.Map{"reward": w.points, "amount": 500})
	program := w.GetCard(t, w.Shop, w.card).Program
	survivor := w.NewCard(t, w.Shop, apitest.Program{ID: program}).ID
	w.Post(t, apitest.Call{Path: "/v1/cards/" + w.card.String() + "/merge", Token: w.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": survivor}})
	if w.wished(t) != (gen.Choice{}) {
		t.Errorf("the survivor: %+v", w.wished(t))
	}
	late := w.call(apitest.Map{"reward": w.points, "amount": 500})
	late.Token = w.Shop.App
	w.Refused(t, late, gen.ProblemCodeCardMerged)
	w.chooses(t, apitest.Map{"reward": w.points, "amount": 500})
	w.card = survivor
	if _, offer := w.told(t, w.Shop.Front); offer.Chosen.Amount != 500 {
		t.Errorf("the till is told %+v", offer)
	}
}
