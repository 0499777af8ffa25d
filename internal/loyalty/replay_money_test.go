package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// rich opens a card of units, and of rewards that are worth money.
func rich(t *testing.T, rewards ...loyalty.Reward) *loyaltytest.Shop {
	t.Helper()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = rewards
	}))
	shop.Do(loyalty.Earning{Units: 1000})
	return shop
}

// What was chosen is chosen again, for what it costs then.
func TestReplayOfChosenAmounts(t *testing.T) {
	t.Parallel()
	shop := rich(t, worth(func(w *loyalty.Reward) {
		w.Kind, w.Flexible = loyalty.AmountOff, loyalty.Flexible{Units: 1, Per: 10, Min: 5}
	}))
	cut := shop.Program().Rewards[0].ID
	shop.Do(loyalty.Redemption{Reward: cut, Purchase: loyaltytest.Purchase("r1", 2000), Amount: 700})
	undone := shop.Entry(loyalty.Redemption{Reward: cut, Purchase: loyaltytest.Purchase("r2", 2000), Amount: 40})
	shop.Do(loyalty.Reversal{Entry: undone.ID, Reward: cut})
	got := after(t, shop, func(r *loyalty.Rules) { r.Rewards[0].Flexible.Units = 2 })
	if !got.Exact() || got.Before.Balance != 930 || got.Before.Worth != 1000 || got.Before.Rewards[cut].Off != 700 || got.Before.Discount != 0 {
		t.Errorf("before %+v", got.Before)
	}
	if got.After.Balance != 860 || got.After.Worth != 930 || got.After.Rewards[cut].Off != 700 {
		t.Errorf("after %+v", got.After)
	}
}

// Of a gift card as much is used as was used then, and what is left is owed.
func TestReplayOfGiftCards(t *testing.T) {
	t.Parallel()
	shop := rich(t, worth(func(w *loyalty.Reward) { w.Kind, w.Amount, w.Cost = loyalty.GiftCard, 1000, 50 }))
	gift := shop.Program().Rewards[0].ID
	shop.Do(loyalty.Redemption{Reward: gift})
	shop.Do(loyalty.Redemption{Reward: gift})
	second := shop.Vouchers()[1]
	shop.Do(loyalty.Redemption{Reward: gift, Voucher: second.ID, Amount: 300})
	shop.Do(loyalty.Redemption{Reward: gift, Voucher: second.ID, Purchase: loyaltytest.Purchase("r1", 600)})
	for amount, want := range map[int64]loyalty.RewardSums{
		1000: {Issued: 2, Redeemed: 4, Bought: 2, Off: 900, Live: 2, Left: 1100},
		2000: {Issued: 2, Redeemed: 4, Bought: 2, Off: 900, Live: 2, Left: 3100},
		500:  {Issued: 2, Redeemed: 4, Bought: 2, Off: 500, Live: 1, Left: 500},
	} {
		got := after(t, shop, func(r *loyalty.Rules) { r.Rewards[0].Amount = amount })
		if sums := got.After.Rewards[gift]; !got.Exact() || *sums != want || len(got.After.Refused) != 0 {
			t.Errorf("gift cards of %d: %+v, refused %v", amount, sums, got.After.Refused)
		}
	}
}

// What was taken off a purchase that was erased stays as it was, and its voucher is used.
func TestReplayKeepsRedemptions(t *testing.T) {
	t.Parallel()
	for why, forget := range map[loyalty.KeptWhy]bool{loyalty.KeptErased: false, loyalty.KeptForgotten: true} {
		t.Run(string(why), func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
				r.Earn.ForgetItems = forget
				cut := worth(func(w *loyalty.Reward) {
					w.Kind, w.Rate, w.Rounding, w.Lines = loyalty.PercentOff, 5000, loyalty.Down, loyalty.Match{Categories: []string{"shoes"}}
				})
				r.Rewards[0], r.Card.Reward = cut, cut.ID
			}))
			cut := shop.Program().Card.Reward
			shop.Do(loyalty.Earning{Units: 10})
			used := shop.Entry(loyalty.Redemption{Reward: cut, Purchase: loyaltytest.Purchase("r1", 9999, shoes)})
			if !forget {
				delete(shop.Book.Details, used.ID)
			}
			got := after(t, shop, func(r *loyalty.Rules) { r.Rewards[0].Rate = 1000 })
			want := loyalty.RewardSums{Issued: 1, Redeemed: 1, Off: used.Counted.Off}
			if !got.Exact() || got.Kept[why].Entries != 1 || *got.Before.Rewards[cut] != want || *got.After.Rewards[cut] != want {
				t.Errorf("kept %v, before %+v, after %+v", got.Kept, got.Before.Rewards[cut], got.After.Rewards[cut])
			}
		})
	}
}

// Whom a program is for is asked of the changed rules alone, and only where the card is
// still what it has to be by the current ones.
func TestReplayOfOnly(t *testing.T) {
	t.Parallel()
	only := func(audiences ...loyalty.Audience) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) { r.Only.Audiences = audiences }
	}
	tests := []struct {
		name    string
		now     loyalty.Audience
		current func(*loyalty.Rules)
		changed func(*loyalty.Rules)
		refused bool
	}{
		{"of everybody to employees, a customer", loyalty.Customer, only(), only(loyalty.Employee), true},
		{"of everybody to employees, an employee", loyalty.Employee, only(), only(loyalty.Employee), false},
		{"of employees, who has left", loyalty.Customer, only(loyalty.Employee), only(loyalty.Employee), false},
		{"of employees to partners, who has left", loyalty.Customer, only(loyalty.Employee), only(loyalty.PartnerStaff), false},
		{"of employees to partners, an employee", loyalty.Employee, only(loyalty.Employee), only(loyalty.PartnerStaff), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t))
			shop.Do(loyalty.Earning{Units: 3})
			current := loyaltytest.Next(t, shop.Program(), tt.current)
			changed := loyaltytest.Next(t, current, tt.changed)
			r := replayOf(shop.Book, current, changed, shop.Now.Add(time.Hour))
			h := historyOf(shop.Book, shop.CardID)
			h.Belonging.Audience = tt.now
			got, err := r.Card(h, nil)
			if err != nil || !got.Exact() || len(got.Before.Refused) != 0 {
				t.Fatalf("before %+v, %v", got.Before, err)
			}
			if refused := got.After.Refused[loyalty.Refused{Kind: loyalty.Earn, Code: loyalty.NotEligible}]; (refused == 1) != tt.refused || (got.After.Balance == 0) != tt.refused {
				t.Errorf("after %+v", got.After)
			}
		})
	}
}

// Codes of a partner never run out.
func TestReplayOfCodes(t *testing.T) {
	t.Parallel()
	shop := rich(t, loyalty.Reward{ID: loyaltytest.Partner, Name: "Cinema", Cost: 10, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}})
	shop.Book.Codes = []loyalty.GiftCode{loyaltytest.Code("one", loyaltytest.Partner)}
	used := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Partner})
	shop.Do(loyalty.Reversal{Entry: used.ID, Reward: used.Reward}, loyaltytest.Approved(loyalty.Manager))
	got := after(t, shop, func(r *loyalty.Rules) { r.Rewards[0].Cost = 20 })
	if !got.Exact() || len(got.Before.Refused) != 0 || got.After.Balance != 1000 || got.Before.Rewards[loyaltytest.Partner].Redeemed != 0 {
		t.Errorf("%+v", got)
	}
}
