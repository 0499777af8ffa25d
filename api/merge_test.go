package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// mergeInto asks to merge a card, under a fresh key.
func mergeInto(a *apitest.API, from, into loyalty.CardID) apitest.Call {
	return apitest.Call{
		Path: "/v1/cards/" + from.String() + "/merge", Token: a.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"into": into},
	}
}

// A customer had two cards. The shop merges them; an app and a printed card that
// know nothing of it go on working.
func TestMergeStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	old, kept := a.NewCard(t, shop, shop.Stamps).ID, a.NewCard(t, shop, shop.Stamps).ID
	a.Stamp(t, shop, shop.Front, kept, 4)
	full := a.Stamp(t, shop, shop.Front, old, 17)
	printed, live := a.Static(t, shop, old, gen.SurfacePrint), a.Token(t, shop, old)
	begun := a.Look(t, shop, shop.Front, old)
	link := a.Mint(t, shop, old).QRURL

	merge := mergeInto(a, old, kept)
	answer := a.Do(t, merge)
	merged := apitest.Read[gen.Posting](t, answer)
	if merged.Card.ID != kept || merged.Card.Balance != 1 || merged.Card.Lifetime != 21 || len(merged.Card.Vouchers) != 2 {
		t.Fatalf("merged: %+v", merged.Card)
	}
	if merged.Entries[0].Kind != gen.EntryKindMerge || merged.Entries[0].Units != 7 || merged.Receipt == "" {
		t.Errorf("entries: %+v", merged.Entries)
	}
	if again := a.Do(t, merge); !bytes.Equal(again.Body, answer.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the retry is answered %s", again.Body)
	}
	if ended := a.GetCard(t, shop, old); ended.MergedInto != kept || ended.Balance != 0 || len(ended.Vouchers) != 0 {
		t.Errorf("the old card: %+v", ended)
	}

	stamped := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, live, apitest.Units(1))))
	if stamped.Card.ID != kept || stamped.Card.Balance != 2 {
		t.Errorf("a live code of before: %+v", stamped.Card)
	}
	a.Refused(t, apitest.Scan(shop.Back, live, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	a.Refused(t, apitest.Scan(shop.Back, live, nil), gen.ProblemCodeCredentialAlreadyUsed)
	earn := apitest.Earn(shop.Front, begun.Scan, apitest.Map{"units": 1})
	earned := a.Do(t, earn)
	if posted := apitest.Read[gen.Posting](t, earned); posted.Card.ID != kept || posted.Card.Balance != 3 {
		t.Errorf("a scan of before: %+v", posted.Card)
	}
	if again := a.Do(t, earn); !bytes.Equal(again.Body, earned.Body) {
		t.Errorf("its retry is answered %s", again.Body)
	}

	looked := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, printed, nil)))
	if looked.Card.ID != kept || len(looked.Offers) != 2 || looked.Offers[0].NeedsPIN != gen.RoleCashier {
		t.Errorf("a printed code of before: %+v", looked)
	}
	redeemed := a.Post(t, apitest.Redeem(shop.Front, looked.Scan, apitest.Map{"voucher": looked.Offers[0].Voucher, "pin": shop.PINs.Cashier}))
	if redeemed.Card.ID != kept || len(redeemed.Card.Vouchers) != 1 {
		t.Errorf("redeemed: %+v", redeemed.Card)
	}

	if fresh := a.Stamp(t, shop, shop.Front, old, 1); fresh.Card.ID != kept || fresh.Card.Balance != 4 {
		t.Errorf("a code minted for the old card: %+v", fresh.Card)
	}
	if picture := a.Do(t, apitest.Call{Method: http.MethodGet, Path: link}); picture.Status != http.StatusOK {
		t.Errorf("its link: %d", picture.Status)
	}
	void := a.Refused(t, apitest.Void(shop.Front, full.Entries[0].ID, nil), gen.ProblemCodeCardMerged)
	adjust := apitest.Call{Path: "/v1/cards/" + old.String() + "/adjustments", Token: shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": 1}}
	if p := a.Refused(t, adjust, gen.ProblemCodeCardMerged); p.Card != kept || void.Card != kept {
		t.Errorf("the survivor is not named: %+v, %+v", p, void)
	}
}

// Cards that were merged one after the other all lead to the last.
func TestMergeChain(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	cards := make([]loyalty.CardID, 4)
	codes := make([]string, len(cards))
	for i := range cards {
		cards[i] = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
		a.Stamp(t, a.Shop, a.Shop.Front, cards[i], 1)
		codes[i] = a.Token(t, a.Shop, cards[i])
	}
	for i := range cards[1:] {
		a.Post(t, mergeInto(a, cards[i], cards[i+1]))
	}
	last := cards[len(cards)-1]
	for i, code := range codes {
		scan := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(a.Shop.Back, code, apitest.Units(1))))
		if scan.Card.ID != last || scan.Card.Balance != int64(len(cards)+1+i) {
			t.Errorf("code %d: %+v", i, scan.Card)
		}
		if fresh := a.Look(t, a.Shop, a.Shop.Back, cards[i]); fresh.Card.ID != last {
			t.Errorf("card %d leads to %s", i, fresh.Card.ID)
		}
		a.Refused(t, apitest.Scan(a.Shop.Front, code, apitest.Units(1)), gen.ProblemCodeCredentialAlreadyUsed)
	}
}

func TestMergeRefused(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	one, two := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	points, foreign := a.NewCard(t, a.Shop, a.Shop.Points).ID, a.NewCard(t, a.Rival, a.Rival.Stamps).ID
	a.Refused(t, mergeInto(a, one, one), gen.ProblemCodeCardMergeSelf)
	a.Refused(t, mergeInto(a, one, points), gen.ProblemCodeProgramsDiffer)
	a.Refused(t, mergeInto(a, one, foreign), gen.ProblemCodeCardNotFound)
	a.Refused(t, mergeInto(a, foreign, one), gen.ProblemCodeCardNotFound)
	a.Post(t, mergeInto(a, one, two))
	for _, again := range []apitest.Call{mergeInto(a, one, two), mergeInto(a, two, one)} {
		if p := a.Refused(t, again, gen.ProblemCodeCardMerged); p.Card != two {
			t.Errorf("merged again: %+v", p)
		}
	}
}

// One code of a card, presented 100 times at once over two processes after its
// card was merged or while it is, earns once.
func TestOneCodeOfAMergedCardManyTimes(t *testing.T) {
	t.Parallel()
	for name, guard := range guards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two, midway := guard(t)
			a := apitest.Boot(t, apitest.Postgres(t), one)
			b := a.Beside(t, two)
			kept := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
			for round := range 6 {
				old := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
				credential := a.Token(t, a.Shop, old)
				calls := make([]apitest.Call, 100, 101)
				for i := range calls {
					calls[i] = apitest.Scan([]apitest.Till{a.Shop.Front, a.Shop.Back}[i/2%2], credential, apitest.Units(1))
				}
				merge := mergeInto(a, old, kept)
				if round%2 == 0 {
					a.Post(t, merge)
				} else {
					calls = append(calls, merge)
				}
				midway()
				answers := atOnce(t, []*apitest.API{a, b}, calls)
				if last := answers[len(answers)-1]; round%2 == 1 && last.Status != http.StatusCreated {
					t.Errorf("the merge is answered %d %s", last.Status, last.Body)
				}
				winnerAndLosers(t, a, calls[:100], answers[:100])
				if got := a.GetCard(t, a.Shop, kept); got.Lifetime != int64(round+1) {
					t.Fatalf("round %d: %d stamps", round, got.Lifetime)
				}
			}
		})
	}
}

// A blocked card is replaced by a new one: what was on it goes along, and its
// codes stay blocked.
func TestMergeOfALostCard(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	lost, fresh := a.NewCard(t, a.Shop, a.Shop.Stamps).ID, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Stamp(t, a.Shop, a.Shop.Front, lost, 3)
	photo := a.Static(t, a.Shop, lost, gen.SurfacePrint)
	block(t, a, lost)
	a.Refused(t, mergeInto(a, fresh, lost), gen.ProblemCodeCardBlocked)
	if got := a.Post(t, mergeInto(a, lost, fresh)).Card; got.Balance != 3 {
		t.Errorf("%+v", got)
	}
	a.Refused(t, apitest.Scan(a.Shop.Front, photo, apitest.Units(1)), gen.ProblemCodeCardBlocked)
	mint := apitest.Call{Path: fmt.Sprintf("/v1/cards/%s/tokens", lost), Token: a.Shop.App}
	a.Refused(t, mint, gen.ProblemCodeCardBlocked)
}

// block blocks a card.
func block(t *testing.T, a *apitest.API, id loyalty.CardID) {
	t.Helper()
	err := a.Store.Post(t.Context(), loyalty.Keys{Cards: []loyalty.CardID{id}}, func(f *loyalty.Facts) loyalty.Writes {
		card := f.Cards[id].Card
		card.Blocked = true
		return loyalty.Writes{Cards: []loyalty.Card{card}}
	})
	if err != nil {
		t.Fatal(err)
	}
}
