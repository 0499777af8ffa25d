package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestVoidEarn(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.DailyCap = 3600, 4 }))
	earn := shop.Entry(loyalty.Earning{Units: 4})
	void := shop.Entry(loyalty.Reversal{Entry: earn.ID})
	if void.Units != -4 || void.Balance != 0 || void.Origin != earn.ID || void.Seq != 2 {
		t.Errorf("entry %+v", void)
	}
	if card := shop.Card(); card.Balance != 0 || card.Lifetime != 0 {
		t.Errorf("card %+v", card)
	}
	shop.Refused(loyalty.EntryVoided, loyalty.Reversal{Entry: earn.ID})
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: void.ID})
	shop.Do(loyalty.Earning{Units: 4}) // neither cooldown nor cap remembers the voided one
}

func TestVoidWho(t *testing.T) {
	t.Parallel()
	const window = 10 * time.Minute
	tests := []struct {
		name  string
		after time.Duration
		other bool // another till voids
		needs loyalty.Role
	}{
		{"own, at once", 0, false, loyalty.NoRole},
		{"own, at the end of ten minutes", window, false, loyalty.NoRole},
		{"own, later", window + time.Microsecond, false, loyalty.Manager},
		{"another till's, at once", 0, true, loyalty.Manager},
		{"another till's, later", time.Hour, true, loyalty.Manager},
	}
	for _, kind := range []string{"earn", "redeem"} {
		for _, tt := range tests {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				shop := loyaltytest.Open(t, loyaltytest.Program(t))
				entry := shop.Entry(loyalty.Earning{Units: 10})
				if kind == "redeem" {
					entry = shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
				}
				from := func(*loyalty.Command) {}
				if tt.other {
					from = shop.Pair(loyaltytest.Till(t, "other"))
				}
				shop.After(tt.after)
				void := loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward}
				if tt.needs != loyalty.NoRole {
					shop.Refused(loyalty.PINRequired, void, from)
					refusal := shop.Refused(loyalty.PINRequired, void, from, loyaltytest.Approved(loyalty.Cashier))
					if refusal.Needs != tt.needs {
						t.Errorf("needs %s, want %s", refusal.Needs, tt.needs)
					}
				}
				shop.Do(void, from, loyaltytest.Approved(tt.needs))
			})
		}
	}
	t.Run("the merchant's own system", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		entry := shop.Entry(loyalty.Earning{Units: 1})
		shop.After(1000 * time.Hour)
		shop.Do(loyalty.Reversal{Entry: entry.ID}, loyaltytest.AtOffice)
	})
	t.Run("what the office did", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		entry := shop.Entry(loyalty.Earning{Units: 1}, loyaltytest.AtOffice)
		shop.Refused(loyalty.PINRequired, loyalty.Reversal{Entry: entry.ID})
		shop.Do(loyalty.Reversal{Entry: entry.ID}, loyaltytest.Approved(loyalty.Manager))
	})
}

// Adjustments and opening balances took a manager, and so does undoing them.
func TestVoidOfManagersEntries(t *testing.T) {
	t.Parallel()
	for _, action := range []loyalty.Action{
		loyalty.Adjustment{Units: 3}, loyalty.Adjustment{Units: -1}, loyalty.OpeningBalance{Units: 3},
	} {
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		manager := loyaltytest.Approved(loyalty.Manager)
		shop.Do(loyalty.OpeningBalance{Units: 2}, manager)
		before := shop.Card()
		entry := shop.Entry(action, manager)
		shop.Refused(loyalty.PINRequired, loyalty.Reversal{Entry: entry.ID})
		void := shop.Entry(loyalty.Reversal{Entry: entry.ID}, manager)
		if card := shop.Card(); void.Units != -entry.Units || card.Balance != before.Balance || card.Lifetime != before.Lifetime {
			t.Errorf("%+v: voided by %d, balance %d, lifetime %d", action, void.Units, card.Balance, card.Lifetime)
		}
	}
}

func TestVoidUnknownEntry(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Refused(loyalty.EntryNotFound, loyalty.Reversal{Entry: loyalty.EntryID(loyaltytest.ID("no such"))})
	entry := shop.Entry(loyalty.Earning{Units: 1})
	other := loyaltytest.Card(shop.Program(), "berta")
	shop.Book.Cards[other.ID] = other
	shop.Refused(loyalty.EntryNotFound, loyalty.Reversal{Entry: entry.ID}, func(c *loyalty.Command) { c.Card = other.ID })
}

func TestVoidOfWhatFollows(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, lapsing))
	complete := shop.Do(loyalty.Earning{Units: 13}).Primary(loyalty.Complete)
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: complete.ID}, loyaltytest.AtOffice)
	shop.After(daysLast)
	expire := shop.Do(loyalty.Earning{Units: 1}).Primary(loyalty.Expire)
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: expire.ID}, loyaltytest.AtOffice)
}

func TestVoidWithdrawsVouchers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
	shop.Do(loyalty.Earning{Units: 4})
	earn := shop.Entry(loyalty.Earning{Units: 23}) // 27 in all: two full cards and 7
	decision := shop.Do(loyalty.Reversal{Entry: earn.ID})
	wantLines := []string{"void -23=-16", "void 10=-6", "void 10=4"}
	if got := lines(decision.Entries); !slices.Equal(got, wantLines) {
		t.Errorf("entries %q, want %q", got, wantLines)
	}
	wantStates := []string{
		"topping@3 issued", "topping@6 withdrawn", "cone@10 withdrawn", "topping@13 withdrawn",
		"topping@16 withdrawn", "cone@20 withdrawn", "topping@23 withdrawn", "topping@26 withdrawn",
	}
	if got := states(shop); !slices.Equal(got, wantStates) {
		t.Errorf("vouchers %q, want %q", got, wantStates)
	}
	if card := shop.Card(); card.Balance != 4 || card.Lifetime != 4 || card.Cycle != 0 {
		t.Errorf("card %+v", card)
	}
	shop.Do(loyalty.Earning{Units: 6})
	if got := rights(shop.Vouchers()[8:]); !slices.Equal(got, []string{"topping@6", "cone@10"}) {
		t.Errorf("earned again: %q", got)
	}
}

func TestVoidIsRefusedWhenTheRewardWasUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		reward loyalty.RewardID
	}{{"milestone", loyaltytest.Topping}, {"full card", loyaltytest.Cone}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
			earn := shop.Entry(loyalty.Earning{Units: 12})
			redeem := shop.Entry(loyalty.Redemption{Reward: tt.reward})
			before := shop.Card()
			shop.Refused(loyalty.VoidRewardUsed, loyalty.Reversal{Entry: earn.ID})
			if shop.Card() != before {
				t.Error("a refusal has changed the card")
			}
			shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
			shop.Do(loyalty.Reversal{Entry: earn.ID})
		})
	}
}

// A used reward of an earlier card does not stand in the way of undoing a later one.
func TestVoidStopsAtTheUsedReward(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 10})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	earn := shop.Entry(loyalty.Earning{Units: 10})
	shop.Do(loyalty.Reversal{Entry: earn.ID})
	if got, want := states(shop), []string{"cone@10 redeemed", "cone@20 withdrawn"}; !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
}

func TestVoidPointsThatWereSpent(t *testing.T) {
	t.Parallel()
	for _, mayOwe := range []bool{false, true} {
		shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.AllowNegative = mayOwe }))
		earn := shop.Entry(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 700)})
		redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
		if mayOwe {
			shop.Do(loyalty.Reversal{Entry: earn.ID})
			if card := shop.Card(); card.Balance != -5 || !card.MayOwe {
				t.Errorf("card %+v", card)
			}
		} else {
			shop.Refused(loyalty.InsufficientBalance, loyalty.Reversal{Entry: earn.ID})
		}
		shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
	}
}

// A debt outlives the rule that allowed it: it can be paid off, not increased.
func TestDebtAfterTheRuleIsGone(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.AllowNegative = true }))
	shop.Do(loyalty.Adjustment{Units: -10}, loyaltytest.AtOffice)
	shop.Publish(func(r *loyalty.Rules) { r.AllowNegative = false })
	shop.Refused(loyalty.InsufficientBalance, loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: 4}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != -6 || !card.MayOwe {
		t.Errorf("card %+v", card)
	}
	shop.Do(loyalty.Adjustment{Units: 6}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 0 || card.MayOwe {
		t.Errorf("card %+v", card)
	}
}

func TestVoidRedemptionGivesBack(t *testing.T) {
	t.Parallel()
	t.Run("voucher", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Limited, r.Rewards[0].PerCard = true, 1 }))
		shop.Do(loyalty.Earning{Units: 10})
		for range 2 { // redeemed, given back, redeemed, given back
			redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
			void := shop.Entry(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
			if void.Units != 0 || void.Voucher != redeem.Voucher || void.Reward != redeem.Reward || void.Origin != redeem.ID {
				t.Errorf("entry %+v", void)
			}
			if got := states(shop); !slices.Equal(got, []string{"cone@10 issued"}) {
				t.Errorf("vouchers %q", got)
			}
			if left := shop.Book.Stock[loyaltytest.Cone]; left != 3 {
				t.Errorf("%d left, want 3", left)
			}
			if n := shop.Book.Tallies[loyaltytest.TallyKey{Card: shop.CardID, Reward: loyaltytest.Cone}]; n != 0 {
				t.Errorf("tally %d, want 0", n)
			}
			shop.Refused(loyalty.EntryVoided, loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
		}
	})
	t.Run("units", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Points(t))
		shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 12_000)})
		redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Machine})
		void := shop.Entry(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
		if card := shop.Card(); void.Units != 100 || card.Balance != 120 || card.Lifetime != 120 {
			t.Errorf("gave %d back, card %+v", void.Units, card)
		}
		if left := shop.Book.Stock[loyaltytest.Machine]; left != 3 {
			t.Errorf("%d left, want 3", left)
		}
	})
	t.Run("a voucher that is overdue by then", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 1 }))
		shop.Do(loyalty.Earning{Units: 10})
		redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
		shop.After(48 * time.Hour)
		shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward}, loyaltytest.AtOffice)
		shop.Refused(loyalty.VoucherNotFound, loyalty.Redemption{Reward: loyaltytest.Cone})
	})
}

// A negative adjustment that is voided brings stamps in, which fill cards and
// reach milestones like any others.
func TestVoidOfNegativeAdjustmentFills(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
	shop.Do(loyalty.Earning{Units: 6})
	adjust := shop.Entry(loyalty.Adjustment{Units: -5}, loyaltytest.AtOffice)
	shop.Do(loyalty.Earning{Units: 8})
	decision := shop.Do(loyalty.Reversal{Entry: adjust.ID}, loyaltytest.AtOffice)
	if got, want := lines(decision.Entries), []string{"void 5=14", "complete -10=4"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	if got, want := rights(decision.Issued), []string{"cone@10", "topping@13"}; !slices.Equal(got, want) {
		t.Errorf("issued %q, want %q", got, want)
	}
}
