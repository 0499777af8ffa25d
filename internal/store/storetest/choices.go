package storetest

import (
	"fmt"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// choice is what the database knows to be chosen on a card.
func (s *Shop) choice(t *testing.T, card loyalty.CardID) loyalty.Choice {
	t.Helper()
	state, err := s.Store.Card(t.Context(), loyaltytest.Merchant, card)
	if err != nil {
		t.Fatal(err)
	}
	return state.Card.Choice
}

func (s *Shop) choose(t *testing.T, name string, card loyalty.Card, reward loyalty.RewardID) {
	t.Helper()
	s.Must(t, loyaltytest.Command(name, card.ID, s.Front, loyaltytest.Now, choosing(reward), loyaltytest.AtOffice))
}

func choosing(reward loyalty.RewardID) loyalty.Choosing {
	return loyalty.Choosing{Redemption: loyalty.Redemption{Reward: reward}}
}

// testChoices keeps what a card's holder wishes until it is redeemed, taken back, or
// the card or the person ends.
func testChoices(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card := shop.Card(t, shop.Points, "wishing")
	do := func(name string, do loyalty.Action, changes ...func(*loyalty.Command)) *loyalty.Decision {
		t.Helper()
		return shop.Must(t, loyaltytest.Command(name, card.ID, shop.Front, loyaltytest.Now, do, changes...))
	}
	do("units", loyalty.Adjustment{Units: 1000}, loyaltytest.AtOffice)
	if c := shop.choice(t, card.ID); !c.IsZero() {
		t.Fatalf("a card begins with %+v", c)
	}
	want := do("choose", choosing(loyaltytest.Topping), loyaltytest.AtOffice).Card.Choice
	if c := shop.choice(t, card.ID); c != want || c.Until != loyaltytest.Now.Add(loyalty.ChoiceLife) {
		t.Fatalf("kept %+v, want %+v", c, want)
	}
	do("something else", loyalty.Redemption{Reward: loyaltytest.Machine})
	do("earn", loyalty.Earning{Purchase: loyaltytest.Purchase("bread", 500)})
	if c := shop.choice(t, card.ID); c != want {
		t.Errorf("what else was posted left %+v", c)
	}
	do("redeem", loyalty.Redemption{Reward: loyaltytest.Topping})
	if c := shop.choice(t, card.ID); !c.IsZero() {
		t.Errorf("redeeming left %+v", c)
	}
	shop.choose(t, "again", card, loyaltytest.Topping)
	do("drop", loyalty.Choosing{Drop: true}, loyaltytest.AtOffice)
	if c := shop.choice(t, card.ID); !c.IsZero() {
		t.Errorf("taking it back left %+v", c)
	}

	anna := shop.member(t, "anna", 1)
	shop.attach(t, card, anna)
	shop.choose(t, "before erasing", card, loyaltytest.Topping)
	erased := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, erased); err != nil {
		t.Fatal(err)
	}
	if c := shop.choice(t, card.ID); !c.IsZero() {
		t.Errorf("erasing left %+v", c)
	}

	survivor := shop.Card(t, shop.Points, "survivor")
	shop.choose(t, "before merging", card, loyaltytest.Topping)
	do("merge", loyalty.Merger{Into: survivor.ID}, loyaltytest.AtOffice)
	if c := shop.choice(t, card.ID); !c.IsZero() {
		t.Errorf("merging left %+v", c)
	}
	if c := shop.choice(t, survivor.ID); !c.IsZero() {
		t.Errorf("merging gave the survivor %+v", c)
	}
}

// testChoicesOfBatch decides choices of one card in one batch: the last one stands.
func testChoicesOfBatch(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card, other := shop.Card(t, shop.Points, "wishing"), shop.Card(t, shop.Points, "another")
	at := func(name string, card loyalty.Card, do loyalty.Action) *loyalty.Command {
		return loyaltytest.Command(name, card.ID, shop.Front, loyaltytest.Now, do, loyaltytest.AtOffice)
	}
	for _, name := range []loyalty.Card{card, other} {
		shop.Must(t, at("units "+name.ID.String(), name, loyalty.Adjustment{Units: 1000}))
	}
	results, err := shop.Decide(
		t, at("one", card, choosing(loyaltytest.Topping)), at("elsewhere", other, choosing(loyaltytest.Topping)),
		at("back", other, loyalty.Choosing{Drop: true}), at("two", card, choosing(loyaltytest.Machine)),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	if c := shop.choice(t, card.ID); c.Reward != loyaltytest.Machine {
		t.Errorf("chosen: %+v", c)
	}
	if c := shop.choice(t, other.ID); !c.IsZero() {
		t.Errorf("taken back in the same batch: %+v", c)
	}
}

// testChoosingMeanwhile earns at one process while another chooses: no after-image
// loses a wish, and no wish a stamp.
func testChoosingMeanwhile(t *testing.T, fresh func(testing.TB) string) {
	url := fresh(t)
	shop := NewShop(t, url)
	second := Shop{Store: open(t, url), Stamps: shop.Stamps, Points: shop.Points, Front: shop.Front, Back: shop.Back}
	card := shop.Card(t, shop.Points, "busy")
	shop.Must(t, loyaltytest.Command("units", card.ID, shop.Front, loyaltytest.Now, loyalty.Adjustment{Units: 1000}, loyaltytest.AtOffice))
	const times = 25
	var both sync.WaitGroup
	both.Go(func() {
		for i := range times {
			second.Must(t, loyaltytest.Command(fmt.Sprint("more ", i), card.ID, shop.Back, loyaltytest.Now, loyalty.Adjustment{Units: 1}, loyaltytest.AtOffice))
		}
	})
	for i := range times {
		reward := []loyalty.RewardID{loyaltytest.Topping, loyaltytest.Machine}[i%2]
		shop.choose(t, fmt.Sprint("choose ", i), card, reward)
		if c := shop.choice(t, card.ID); c.Reward != reward {
			t.Fatalf("time %d: %+v is kept", i, c)
		}
	}
	both.Wait()
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card.ID)
	if err != nil || state.Card.Balance != 1000+times {
		t.Errorf("%+v, %v", state, err)
	}
	proven(t, shop, 1)
}
