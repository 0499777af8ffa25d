package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestRedeemOldestVoucher(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 10 }))
	for range 3 {
		shop.Do(loyalty.Earning{Units: 10})
		shop.After(24 * time.Hour)
	}
	shop.After(7 * 24 * time.Hour) // the first is overdue now
	decision := shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	entry := decision.Primary(loyalty.Redeem)
	if entry.Voucher != shop.Vouchers()[1].ID || entry.Reward != loyaltytest.Cone || entry.Units != 0 {
		t.Errorf("entry %+v", entry)
	}
	want := []string{"cone@10 expired", "cone@20 redeemed", "cone@30 issued"}
	if got := states(shop); !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
}

func TestRedeemNamedVoucher(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
	shop.Do(loyalty.Earning{Units: 20})
	second := shop.Vouchers()[5]
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone, Voucher: second.ID}
	if entry := shop.Entry(redeem); entry.Voucher != second.ID || second.Threshold != 20 {
		t.Errorf("entry %+v", entry)
	}
	shop.Refused(loyalty.VoucherNotLive, redeem)
	// The reward that a voucher is for must be the one asked for.
	shop.Refused(loyalty.VoucherNotLive, loyalty.Redemption{Reward: loyaltytest.Topping, Voucher: shop.Vouchers()[2].ID})
	shop.Refused(loyalty.VoucherNotLive, loyalty.Redemption{Reward: loyaltytest.Cone, Voucher: loyalty.VoucherID(loyaltytest.ID("no such"))})
}

// A voucher held for a customer who is deciding can be used; a withdrawn one not.
func TestRedeemReservedAndWithdrawn(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 20})
	shop.Do(loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
	shop.Vouchers()[0].State = loyalty.Reserved
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone, Voucher: shop.Vouchers()[0].ID})
	shop.Refused(loyalty.VoucherNotLive, loyalty.Redemption{Reward: loyaltytest.Cone, Voucher: shop.Vouchers()[1].ID})
}

func TestRedeemForUnits(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	shop.Refused(loyalty.InsufficientBalance, loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1100)})
	entry := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	if entry.Units != -5 || entry.Balance != 6 || !entry.Voucher.IsZero() || entry.Reward != loyaltytest.Topping {
		t.Errorf("entry %+v", entry)
	}
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Refused(loyalty.InsufficientBalance, loyalty.Redemption{Reward: loyaltytest.Topping})
	if card := shop.Card(); card.Balance != 1 || card.Lifetime != 11 {
		t.Errorf("card %+v", card)
	}
	shop.Refused(loyalty.RewardNotFound, loyalty.Redemption{Reward: loyaltytest.Cone})
	shop.Refused(loyalty.RewardNotFound, loyalty.Redemption{})
}

func TestRedeemWithoutVoucher(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 9})
	shop.Refused(loyalty.VoucherNotFound, loyalty.Redemption{Reward: loyaltytest.Cone})
}

// A right once given outlives the catalogue.
func TestRedeemRewardThatIsGone(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Limited = true }))
	shop.Do(loyalty.Earning{Units: 10})
	shop.Publish(func(r *loyalty.Rules) {
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Topping, Name: "A free topping"}}
		r.Card.Reward = loyaltytest.Topping
	})
	entry := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
	shop.Do(loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	if left := shop.Book.Stock[loyaltytest.Cone]; left != 3 {
		t.Errorf("the stock of what is no longer counted is %d, want 3", left)
	}
}

func TestRedeemNeedsPIN(t *testing.T) {
	t.Parallel()
	const none, cashier, manager = loyalty.NoRole, loyalty.Cashier, loyalty.Manager
	set := func(changes ...func(*loyalty.Command)) []func(*loyalty.Command) { return changes }
	wallet := func(generation int32) func(*loyalty.Command) {
		return loyaltytest.Photographable(loyalty.Wallet, generation)
	}
	printed := loyaltytest.Photographable(loyalty.Print, 1)
	tests := []struct {
		name    string
		changes []func(*loyalty.Command)
		needs   loyalty.Role
	}{
		{"live", set(), none},
		{"live after 2 minutes", set(loyaltytest.ScannedAgo(2 * time.Minute)), none},
		{"live after more", set(loyaltytest.ScannedAgo(2*time.Minute + 1)), cashier},
		{"live after 15 minutes", set(loyaltytest.ScannedAgo(15 * time.Minute)), cashier},
		{"printed", set(printed), cashier},
		{"printed, late", set(printed, loyaltytest.ScannedAgo(10*time.Minute)), cashier},
		{"wallet", set(wallet(2)), cashier},
		{"old wallet", set(wallet(1)), manager},
		{"old wallet, late", set(wallet(1), loyaltytest.ScannedAgo(10*time.Minute)), manager},
		{"by VAS", set(loyaltytest.ByPhone(loyalty.VAS, 2)), none},
		{"by VAS, late", set(loyaltytest.ByPhone(loyalty.VAS, 2), loyaltytest.ScannedAgo(10*time.Minute)), cashier},
		{"an old pass by VAS", set(loyaltytest.ByPhone(loyalty.VAS, 1)), manager},
		{"by Smart Tap", set(loyaltytest.ByPhone(loyalty.SmartTap, 2)), none},
		{"an old pass by Smart Tap", set(loyaltytest.ByPhone(loyalty.SmartTap, 1)), manager},
		{"the merchant's own system", set(loyaltytest.AtOffice), none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t), func(c *loyalty.Card) { c.WalletGen = 2 })
			shop.Do(loyalty.Earning{Units: 10})
			for role := none; role < tt.needs; role++ {
				changes := append(slices.Clone(tt.changes), loyaltytest.Approved(role))
				if refusal := shop.Refused(loyalty.PINRequired, loyalty.Redemption{Reward: loyaltytest.Cone}, changes...); refusal.Needs != tt.needs {
					t.Errorf("needs %s, want %s", refusal.Needs, tt.needs)
				}
			}
			shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}, append(tt.changes, loyaltytest.Approved(tt.needs))...)
		})
	}
}

func TestRedeemScanTooOld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		handle int64
		oldest time.Duration
	}{{0, 15 * time.Minute}, {30, 2 * time.Minute}, {3600, time.Hour}}
	for _, tt := range tests {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.HandleLife = tt.handle }))
		shop.Do(loyalty.Earning{Units: 20})
		pin := loyaltytest.Approved(loyalty.Cashier)
		redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
		shop.Refused(loyalty.ScanExpired, redeem, pin, loyaltytest.ScannedAgo(tt.oldest+1))
		shop.Do(redeem, pin, loyaltytest.ScannedAgo(tt.oldest))
	}
}

// Each redemption makes the wallet's text stale, and no other surface's.
func TestRedeemRaisesTheWalletGeneration(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 10})
	entry := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
	if card := shop.Card(); card.WalletGen != 2 || card.PrintGen != 1 {
		t.Errorf("generations %d and %d", card.WalletGen, card.PrintGen)
	}
	shop.Do(loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward})
	if card := shop.Card(); card.WalletGen != 2 {
		t.Errorf("a void has made an old text current again: generation %d", card.WalletGen)
	}
}

func TestRedeemStock(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Limited = true }))
	shop.Do(loyalty.Earning{Units: 50})
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	var last *loyalty.Entry
	for want := int64(2); want >= 0; want-- {
		last = shop.Entry(redeem)
		if left := shop.Book.Stock[loyaltytest.Cone]; left != want {
			t.Errorf("%d left, want %d", left, want)
		}
	}
	shop.Refused(loyalty.RewardOutOfStock, redeem)
	shop.Do(loyalty.Reversal{Entry: last.ID, Reward: last.Reward})
	if left := shop.Book.Stock[loyaltytest.Cone]; left != 1 {
		t.Errorf("%d left, want 1", left)
	}
	shop.Do(redeem)
	shop.Refused(loyalty.RewardOutOfStock, redeem)
}

// A stock that the rules no longer speak of stays as it was.
func TestRedeemStockOnlyWhereLimited(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 20})
	entry := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Cone})
	shop.Book.Stock[loyaltytest.Cone] = 3 // a row that no rule speaks of
	shop.Do(loyalty.Reversal{Entry: entry.ID, Reward: entry.Reward})
	if left := shop.Book.Stock[loyaltytest.Cone]; left != 3 {
		t.Errorf("%d left, want 3", left)
	}
}

func TestRedeemLimitPerCard(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].PerCard = 2 }))
	shop.Do(loyalty.Earning{Units: 50})
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	shop.Do(redeem)
	second := shop.Entry(redeem)
	shop.Refused(loyalty.RewardLimitReached, redeem)
	shop.Do(loyalty.Reversal{Entry: second.ID, Reward: second.Reward})
	shop.Do(redeem)
	shop.Refused(loyalty.RewardLimitReached, redeem)
}

// "Ever" includes what was redeemed before there was a limit.
func TestRedeemLimitCountsFromTheBeginning(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 50})
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	first := shop.Entry(redeem)
	shop.Do(redeem)
	shop.Publish(func(r *loyalty.Rules) { r.Rewards[0].PerCard = 2 })
	shop.Refused(loyalty.RewardLimitReached, redeem)
	shop.Do(loyalty.Reversal{Entry: first.ID, Reward: first.Reward})
	shop.Do(redeem)
	shop.Refused(loyalty.RewardLimitReached, redeem)
}
