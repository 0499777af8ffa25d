package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// The rewards of scarce programs.
var (
	onceEach = loyalty.RewardID(loyaltytest.ID("once per card"))
	onceAll  = loyalty.RewardID(loyaltytest.ID("once per member"))
	counted  = loyalty.RewardID(loyaltytest.ID("counted"))
)

// scarceProgram has a reward for each thing that can be short: one in stock, one code.
func (s *Shop) scarceProgram(t testing.TB, name string, changes ...func(*loyalty.Rules)) *loyalty.Program {
	t.Helper()
	program := loyaltytest.Points(t, append([]func(*loyalty.Rules){func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = []loyalty.Reward{
			{ID: onceEach, Name: "Once per card", Cost: 1, PerCard: 1},
			{ID: onceAll, Name: "Once per member", Cost: 1, PerMember: 1},
			{ID: counted, Name: "Counted", Cost: 1, Limited: true},
			{ID: loyaltytest.Partner, Name: "Code", Cost: 1, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}},
			{ID: loyaltytest.Topping, Name: "A topping", Cost: 1},
		}
	}}, changes...)...)
	program.ID = loyaltytest.ID(name)
	s.Do(t, func(tx *store.Tx) error {
		if err := tx.InsertProgram(*program, loyaltytest.Now); err != nil {
			return err
		}
		return tx.InsertStock(loyalty.Stock{Reward: counted, Left: 1})
	})
	if _, known := program.Reward(loyaltytest.Partner); known {
		s.importCodes(t, batchOf(name, 1))
	}
	return program
}

// said are the names of what is short, in the order of the catalogue.
func said(p *loyalty.Program, short []loyalty.Shortage) string {
	var names []string
	for _, one := range short {
		r, _ := p.Reward(one.Reward)
		names = append(names, r.Name)
		if limit := one.Why == loyalty.RewardLimitReached; limit != (r.PerCard+r.PerMember > 0) || !limit && one.Why != loyalty.RewardOutOfStock {
			names = append(names, string(one.Why))
		}
	}
	return strings.Join(names, ", ")
}

// testShown holds that looks and postings say what of a card's rewards is short, in the
// process that took the last one and in those beside it, known or just begun.
func testShown(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	program := shop.scarceProgram(t, "scarce")
	anna := shop.member(t, "anna", 1)
	card, second, other := shop.Card(t, program, "anna", rich), shop.Card(t, program, "second", rich), shop.Card(t, program, "other", rich)
	shop.attach(t, card, anna)
	shop.attach(t, second, anna)
	beside := shop.sibling(t)
	asked := 0
	holds := func(step string, want map[loyalty.CardID]string) {
		t.Helper()
		for name, process := range map[string]*Shop{"here": shop, "beside": beside, "just begun": shop.sibling(t)} {
			for id, short := range want {
				asked++
				earned := process.Must(t, loyaltytest.Command(fmt.Sprint("shown ", asked), id, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
				if got := said(program, earned.Short); got != short {
					t.Errorf("%s, %s: an earning says that %q is short, want %q", step, name, got, short)
				}
				state, _, err := process.Look(t.Context(), loyaltytest.Merchant, id, loyalty.Scanned{}, shop.Front.ID)
				if err != nil {
					t.Fatal(err)
				}
				if got := said(program, state.Shortages(loyaltytest.Now)); got != short {
					t.Errorf("%s, %s: a look says that %q is short, want %q", step, name, got, short)
				}
			}
		}
		states, err := beside.MemberCards(t.Context(), loyaltytest.Merchant, anna.ID, loyalty.CardID{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range states {
			if got := said(program, state.Shortages(loyaltytest.Now)); got != want[state.Card.ID] {
				t.Errorf("%s: a member's card says that %q is short, want %q", step, got, want[state.Card.ID])
			}
		}
	}
	redeem := func(reward loyalty.RewardID, want string) *loyalty.Decision {
		t.Helper()
		d := shop.Must(t, loyaltytest.Command("take "+reward.String(), card.ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: reward}))
		if got := said(program, d.Short); got != want {
			t.Errorf("having redeemed it, %q is short, want %q", got, want)
		}
		return d
	}
	holds("at first", map[loyalty.CardID]string{card.ID: "", second.ID: "", other.ID: ""})
	redeem(onceEach, "Once per card")
	redeem(onceAll, "Once per card, Once per member")
	holds("limits", map[loyalty.CardID]string{card.ID: "Once per card, Once per member", second.ID: "Once per member", other.ID: ""})
	taken := redeem(counted, "Once per card, Once per member, Counted")
	redeem(loyaltytest.Partner, "Once per card, Once per member, Counted, Code")
	redeem(loyaltytest.Topping, "Once per card, Once per member, Counted, Code")
	holds("all", map[loyalty.CardID]string{
		card.ID: "Once per card, Once per member, Counted, Code", second.ID: "Once per member, Counted, Code", other.ID: "Counted, Code",
	})
	shop.importCodes(t, batchOf("more", 1))
	shop.Must(t, loyaltytest.Command("back", card.ID, shop.Front, loyaltytest.Now, loyalty.Reversal{Entry: taken.Entries[0].ID, Reward: counted}))
	holds("there again", map[loyalty.CardID]string{card.ID: "Once per card, Once per member", second.ID: "Once per member", other.ID: ""})

	next := loyaltytest.Next(t, program, func(r *loyalty.Rules) { // one that no process has read
		r.Rewards = slices.Clone(r.Rewards)
		r.Rewards[4].PerCard = 1
	})
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*next, loyaltytest.Now) })
	program = next
	holds("another version", map[loyalty.CardID]string{card.ID: "Once per card, Once per member, A topping", second.ID: "Once per member", other.ID: ""})
}

// testShownToPartners holds the same for a partner's till: its merchant has no such
// program itself.
func testShownToPartners(t *testing.T, fresh func(testing.TB) string) {
	s := newStreet(t, NewShop(t, fresh(t)), true)
	program := s.scarceProgram(t, "scarce street", func(r *loyalty.Rules) {
		r.Coalition = &loyalty.CoalitionRule{Units: 1, Value: 2, Currency: "EUR"}
		r.Rewards = slices.DeleteFunc(r.Rewards, func(one loyalty.Reward) bool { return one.Kind == loyalty.PartnerCode })
	})
	s.Joint = program
	s.invite(t)
	s.accept(t)
	card := s.Card(t, program, "anna", rich)
	s.Must(t, loyaltytest.Command("first", card.ID, s.Front, loyaltytest.Now, loyalty.Redemption{Reward: counted}))
	for i, process := range []*Shop{s.Shop, s.sibling(t), s.Shop} {
		d := process.Must(t, loyaltytest.Command(fmt.Sprint("abroad ", i), card.ID, s.Abroad, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Topping}, s.there))
		if got := said(program, d.Short); got != "Counted" {
			t.Errorf("a partner is told that %q is short", got)
		}
		state, _, err := process.Look(t.Context(), loyaltytest.Stranger, card.ID, loyalty.Scanned{}, s.Abroad.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(program, state.Shortages(loyaltytest.Now)); got != "Counted" {
			t.Errorf("a partner sees that %q is short", got)
		}
	}
}

// testShownLast has two processes ask for the last one, that both were told is there:
// one gets it, the other is refused, and each answer after that says so.
func testShownLast(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	program := shop.scarceProgram(t, "last one")
	processes := []*Shop{shop, shop.sibling(t)}
	for _, reward := range []loyalty.RewardID{counted, loyaltytest.Partner} {
		var cards []loyalty.Card
		for i, process := range processes {
			card := shop.Card(t, program, fmt.Sprint(reward, i), rich)
			cards = append(cards, card)
			state, _, err := process.Look(t.Context(), loyaltytest.Merchant, card.ID, loyalty.Scanned{}, shop.Front.ID)
			if err != nil {
				t.Fatal(err)
			}
			if short := state.Shortages(loyaltytest.Now); slices.ContainsFunc(short, func(s loyalty.Shortage) bool { return s.Reward == reward }) {
				t.Errorf("the last one is not offered: %v", short)
			}
		}
		results := make([]loyaltytest.Result, len(processes))
		var both sync.WaitGroup
		for i, process := range processes {
			both.Go(func() {
				got, err := process.Decide(t, loyaltytest.Command(fmt.Sprint("last ", reward, i), cards[i].ID, shop.Front, loyaltytest.Now, loyalty.Redemption{Reward: reward}))
				if err != nil {
					t.Error(err)
					return
				}
				results[i] = got[0]
			})
		}
		both.Wait()
		if t.Failed() {
			return
		}
		won := 0
		if results[0].Err != nil {
			won = 1
		}
		if results[won].Err != nil || !refusedWith(results[1-won].Err, loyalty.RewardOutOfStock) {
			t.Fatalf("%v, %v", results[0].Err, results[1].Err)
		}
		if d := results[won].Decision; !slices.Contains(d.Short, loyalty.Shortage{Reward: reward, Why: loyalty.RewardOutOfStock}) {
			t.Errorf("who took the last one is told that %v is short", d.Short)
		}
	}
}
