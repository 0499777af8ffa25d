package loyalty_test

import (
	"fmt"
	"slices"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// twoMilestones is a card of ten with toppings at 3 and 6.
func twoMilestones(r *loyalty.Rules) {
	r.Card.Milestones = []loyalty.Milestone{{At: 3, Reward: loyaltytest.Topping}, {At: 6, Reward: loyaltytest.Topping}}
}

func TestStampsFillCards(t *testing.T) {
	t.Parallel()
	type step struct {
		units   int64
		entries []string // kind units=balance
		issued  []string // reward@threshold
		balance int64
		cycle   int64
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"not yet full", []step{
			{2, []string{"earn 2=2"}, nil, 2, 0},
		}},
		{"on a milestone", []step{
			{3, []string{"earn 3=3"}, []string{"topping@3"}, 3, 0},
			{1, []string{"earn 1=4"}, nil, 4, 0},
		}},
		{"over both milestones", []step{
			{9, []string{"earn 9=9"}, []string{"topping@3", "topping@6"}, 9, 0},
		}},
		{"just full", []step{
			{10, []string{"earn 10=10", "complete -10=0"}, []string{"topping@3", "topping@6", "cone@10"}, 0, 1},
		}},
		{"surplus", []step{
			{8, []string{"earn 8=8"}, []string{"topping@3", "topping@6"}, 8, 0},
			{4, []string{"earn 4=12", "complete -10=2"}, []string{"cone@10"}, 2, 1},
			{1, []string{"earn 1=3"}, []string{"topping@13"}, 3, 1},
		}},
		{"surplus reaches the next milestone", []step{
			{9, []string{"earn 9=9"}, []string{"topping@3", "topping@6"}, 9, 0},
			{4, []string{"earn 4=13", "complete -10=3"}, []string{"cone@10", "topping@13"}, 3, 1},
		}},
		{"several cards at once", []step{
			{25, []string{"earn 25=25", "complete -10=15", "complete -10=5"}, []string{
				"topping@3", "topping@6", "cone@10", "topping@13", "topping@16", "cone@20", "topping@23",
			}, 5, 2},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
			for i, step := range tt.steps {
				decision := shop.Do(loyalty.Earning{Units: step.units})
				if got := lines(decision.Entries); !slices.Equal(got, step.entries) {
					t.Errorf("step %d: entries %q, want %q", i, got, step.entries)
				}
				if got := rights(decision.Issued); !slices.Equal(got, step.issued) {
					t.Errorf("step %d: issued %q, want %q", i, got, step.issued)
				}
				if card := shop.Card(); card.Balance != step.balance || card.Cycle != step.cycle {
					t.Errorf("step %d: balance %d in cycle %d, want %d in %d", i, card.Balance, card.Cycle, step.balance, step.cycle)
				}
			}
		})
	}
}

// A milestone's voucher stems from the earn, a full card's from its completion.
func TestStampsVoucherNamesItsEntry(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 30 }))
	decision := shop.Do(loyalty.Earning{Units: 10})
	earn, complete := decision.Entries[0], decision.Entries[1]
	if complete.Origin != earn.ID {
		t.Errorf("the completion stems from %s, want %s", complete.Origin, earn.ID)
	}
	for _, v := range decision.Issued {
		want := loyalty.Voucher{
			ID: v.ID, Card: shop.CardID, Reward: loyaltytest.Topping, State: loyalty.Issued,
			Threshold: v.Threshold, Entry: earn.ID, Issued: shop.Now,
		}
		if v.Reward == loyaltytest.Cone {
			want.Reward, want.Spent, want.Entry, want.Expires = loyaltytest.Cone, 10, complete.ID, shop.Now.AddDate(0, 0, 30)
		}
		if v != want {
			t.Errorf("got  %+v\nwant %+v", v, want)
		}
	}
}

func TestStampsFillAtMostAHundredCards(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 9})
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Earning{Units: 1001})
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Earning{Units: loyalty.MaxUnits})
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: 1001}, loyaltytest.AtOffice)
	if decision := shop.Do(loyalty.Earning{Units: 1000}); len(decision.Issued) != 100 || shop.Card().Balance != 9 {
		t.Errorf("%d vouchers, balance %d", len(decision.Issued), shop.Card().Balance)
	}
}

// A new version with smaller cards: what already fills one is settled with the
// next action, whichever it is, and earns no milestone in retrospect.
func TestStampsSmallerCards(t *testing.T) {
	t.Parallel()
	smaller := func(r *loyalty.Rules) {
		r.Card.Size = 4
		r.Card.Milestones = []loyalty.Milestone{{At: 1, Reward: loyaltytest.Topping}}
	}
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 9})
	shop.Publish(smaller)
	decision := shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	if got, want := lines(decision.Entries), []string{"complete -4=5", "complete -4=1", "redeem 0=1"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if got, want := rights(decision.Issued), []string{"cone@4", "cone@8"}; !slices.Equal(got, want) {
		t.Errorf("issued %q, want %q", got, want)
	}
}

// Taking back a card that was filled when cards were larger leaves no more than
// fits on one of today's.
func TestStampsVoidOfALargerCard(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 10})
	shop.Publish(func(r *loyalty.Rules) { r.Card.Size = 4 })
	decision := shop.Do(loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
	want := []string{"adjust -1=-1", "void 10=9", "complete -4=5", "complete -4=1"}
	if got := lines(decision.Entries); !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if got, want := states(shop), []string{"cone@10 withdrawn", "cone@4 issued", "cone@8 issued"}; !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
}

// A balance from another world (a points card become a stamp card) is settled a
// hundred cards at a time, not in one endless decision.
func TestStampsSettleInPortions(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }))
	shop.Do(loyalty.Earning{Units: loyalty.MaxUnits - 10})
	stamps := *loyaltytest.Program(t, func(r *loyalty.Rules) {
		r.Card = loyalty.StampRule{Size: 2, Reward: loyaltytest.Cone}
	})
	stamps.ID, stamps.Version = shop.Program().ID, 2
	shop.Book.Programs[stamps.ID] = &stamps
	for range 2 {
		decision := shop.Do(loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
		if n := len(decision.Issued); n != 200 { // before the adjustment and after it
			t.Errorf("%d vouchers were issued", n)
		}
	}
	if card := shop.Card(); card.Lifetime-card.Balance != card.Cycle*2 {
		t.Errorf("card %+v", card)
	}
}

// lines shows entries as "kind units=balance".
func lines(entries []loyalty.Entry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, fmt.Sprintf("%s %d=%d", e.Kind, e.Units, e.Balance))
	}
	return list
}

var rewardNames = map[loyalty.RewardID]string{
	loyaltytest.Cone: "cone", loyaltytest.Topping: "topping", loyaltytest.Machine: "machine",
}

// rights shows vouchers as "reward@threshold".
func rights(vouchers []loyalty.Voucher) []string {
	var list []string
	for _, v := range vouchers {
		list = append(list, fmt.Sprintf("%s@%d", rewardNames[v.Reward], v.Threshold))
	}
	return list
}

// states shows a card's vouchers as "reward@threshold state".
func states(shop *loyaltytest.Shop) []string {
	list := rights(shop.Vouchers())
	for i, v := range shop.Vouchers() {
		list[i] += " " + v.State.String()
	}
	return list
}
