package loyalty_test

import (
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

const daysLast = 30 * 24 * time.Hour

func lapsing(r *loyalty.Rules) { r.UnitsLast = 30 }

func TestUnitsLapse(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones, lapsing))
	shop.Do(loyalty.Earning{Units: 4})
	card, program := shop.Card(), shop.Program()
	end := shop.Now.Add(daysLast)
	if at := card.LapsesAt(program); !at.Equal(end) {
		t.Errorf("lapses at %s, want %s", at, end)
	}
	if early, late := card.Spendable(program, nil, end.Add(-1)), card.Spendable(program, nil, end); early != 4 || late != 0 {
		t.Errorf("spendable %d before and %d after the end", early, late)
	}

	shop.Now = end
	decision := shop.Do(loyalty.Earning{Units: 3})
	if got, want := lines(decision.Entries), []string{"expire -4=0", "earn 3=3"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	// A new cycle: its milestones count anew; the rights of the old one stay.
	if got, want := states(shop), []string{"topping@3 issued", "topping@7 issued"}; !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
	if card := shop.Card(); card.Cycle != 1 || card.Lifetime != 7 || card.Floor != 2 {
		t.Errorf("card %+v", card)
	}
}

func TestUnitsDoNotLapse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*loyaltytest.Shop)
	}{
		{"a moment before", func(s *loyaltytest.Shop) { s.After(daysLast - time.Microsecond) }},
		{"units came in between", func(s *loyaltytest.Shop) {
			s.After(daysLast - time.Hour)
			s.Do(loyalty.Earning{Units: 1})
			s.After(daysLast - time.Hour)
		}},
		{"an adjustment came in between", func(s *loyaltytest.Shop) {
			s.After(daysLast - time.Hour)
			s.Do(loyalty.Adjustment{Units: 1}, loyaltytest.AtOffice)
			s.After(daysLast - time.Hour)
		}},
		{"nothing is there to lapse", func(s *loyaltytest.Shop) {
			s.Do(loyalty.Adjustment{Units: -4}, loyaltytest.AtOffice)
			s.After(2 * daysLast)
		}},
		{"the rule was dropped", func(s *loyaltytest.Shop) {
			s.After(2 * daysLast)
			s.Publish(func(r *loyalty.Rules) { r.UnitsLast = 0 })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, lapsing, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }))
			shop.Do(loyalty.Earning{Units: 4})
			tt.change(shop)
			shop.Do(loyalty.Earning{Units: 1})
			for _, e := range shop.Entries() {
				if e.Kind == loyalty.Expire {
					t.Errorf("lapsed: %q", lines(shop.Entries()))
				}
			}
		})
	}
}

// Redeeming does not prolong the life of what is left, and what has lapsed
// cannot pay.
func TestLapsedUnitsCannotPay(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, lapsing))
	shop.Do(loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 2000)})
	shop.After(daysLast - time.Hour)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.After(time.Hour)
	shop.Refused(loyalty.InsufficientBalance, loyalty.Redemption{Reward: loyaltytest.Topping})
	if n := len(shop.Entries()); n != 2 {
		t.Errorf("a refusal has posted: %q", lines(shop.Entries()))
	}
}

// Entries whose units have lapsed cannot be taken back; a redemption can.
func TestVoidAfterLapse(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones, lapsing))
	earn := shop.Entry(loyalty.Earning{Units: 4})
	redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.After(daysLast)
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: earn.ID}, loyaltytest.AtOffice) // overdue
	later := shop.Entry(loyalty.Earning{Units: 2})
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: earn.ID}, loyaltytest.AtOffice) // posted
	shop.Refused(loyalty.InsufficientBalance, loyalty.Adjustment{Units: -3}, loyaltytest.AtOffice)
	shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward}, loyaltytest.AtOffice)
	shop.Do(loyalty.Reversal{Entry: later.ID})
	if card := shop.Card(); card.Balance != 0 || card.Lifetime != 4 {
		t.Errorf("card %+v", card)
	}
}

// Nor when the units that came in since would cover it.
func TestVoidAfterLapseIsNotPaidByOthers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, lapsing))
	earn := shop.Entry(loyalty.Earning{Units: 4})
	shop.After(daysLast)
	shop.Do(loyalty.Earning{Units: 8})
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: earn.ID}, loyaltytest.AtOffice)
}
