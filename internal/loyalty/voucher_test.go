package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// The whole transition table, forbidden moves included.
func TestVoucherMoves(t *testing.T) {
	t.Parallel()
	states := []loyalty.VoucherState{loyalty.Issued, loyalty.Reserved, loyalty.Redeemed, loyalty.Expired, loyalty.Withdrawn}
	table := map[loyalty.VoucherState]string{
		// to:              IRrEW (Issued, Reserved, redeemed, Expired, Withdrawn)
		loyalty.Issued:    "-xxxx",
		loyalty.Reserved:  "x-xxx",
		loyalty.Redeemed:  "x----",
		loyalty.Expired:   "----x",
		loyalty.Withdrawn: "-----",
	}
	for _, from := range states {
		for i, to := range states {
			if got, want := from.CanBecome(to), table[from][i] == 'x'; got != want {
				t.Errorf("%s → %s: %t, want %t", from, to, got, want)
			}
		}
		if from.CanBecome(0) || loyalty.VoucherState(0).CanBecome(from) || loyalty.VoucherState(99).CanBecome(from) {
			t.Errorf("%s is reached from, or leads to, no state at all", from)
		}
	}
}

func TestVoucherLive(t *testing.T) {
	t.Parallel()
	now := loyaltytest.Now
	tests := []struct {
		name    string
		state   loyalty.VoucherState
		expires time.Time
		want    bool
	}{
		{"for ever", loyalty.Issued, time.Time{}, true},
		{"reserved", loyalty.Reserved, time.Time{}, true},
		{"not yet over", loyalty.Issued, now.Add(time.Microsecond), true},
		{"just over", loyalty.Issued, now, false},
		{"redeemed", loyalty.Redeemed, time.Time{}, false},
		{"expired", loyalty.Expired, time.Time{}, false},
		{"withdrawn", loyalty.Withdrawn, time.Time{}, false},
	}
	for _, tt := range tests {
		v := loyalty.Voucher{State: tt.state, Expires: tt.expires}
		if got := v.Live(now); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// An overdue voucher expires with the card's next action, whatever that is.
func TestVoucherExpires(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 1 }))
	shop.Do(loyalty.Earning{Units: 10})
	shop.After(24*time.Hour - time.Microsecond)
	shop.Do(loyalty.Earning{Units: 1})
	if got := states(shop); !slices.Equal(got, []string{"cone@10 issued"}) {
		t.Errorf("vouchers %q", got)
	}
	shop.After(time.Microsecond)
	shop.Refused(loyalty.VoucherNotFound, loyalty.Redemption{Reward: loyaltytest.Cone})
	if refusal := shop.Refused(loyalty.VoucherNotLive, loyalty.Redemption{Reward: loyaltytest.Cone, Voucher: shop.Vouchers()[0].ID}); refusal.Message == "" {
		t.Error("no message")
	}
	if got := states(shop); !slices.Equal(got, []string{"cone@10 issued"}) {
		t.Errorf("a refusal has changed the vouchers: %q", got)
	}
	decision := shop.Do(loyalty.Earning{Units: 1})
	if got := states(shop); !slices.Equal(got, []string{"cone@10 expired"}) || len(decision.Changed) != 1 {
		t.Errorf("vouchers %q, changed %d", got, len(decision.Changed))
	}
}

// An expired voucher whose stamps are taken back is withdrawn, so that the same
// stamps, come again, issue it once more.
func TestVoucherExpiredThenWithdrawn(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].ValidIn = 1 }))
	shop.Do(loyalty.Earning{Units: 10})
	shop.After(25 * time.Hour)
	shop.Do(loyalty.Adjustment{Units: -1}, loyaltytest.AtOffice)
	shop.Do(loyalty.Earning{Units: 1})
	if got := states(shop); !slices.Equal(got, []string{"cone@10 withdrawn", "cone@10 issued"}) {
		t.Errorf("vouchers %q", got)
	}
}
