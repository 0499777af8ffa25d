package loyalty_test

import (
	"crypto/sha256"
	"math"
	"slices"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestAdjust(t *testing.T) {
	t.Parallel()
	manager := loyaltytest.Approved(loyalty.Manager)
	shop := loyaltytest.Open(t, loyaltytest.Program(t, twoMilestones))
	for _, role := range []loyalty.Role{loyalty.NoRole, loyalty.Cashier} {
		if r := shop.Refused(loyalty.PINRequired, loyalty.Adjustment{Units: 1}, loyaltytest.Approved(role)); r.Needs != loyalty.Manager {
			t.Errorf("needs %s", r.Needs)
		}
	}
	shop.Do(loyalty.Adjustment{Units: 11}, manager)
	if got, want := rights(shop.Vouchers()), []string{"topping@3", "topping@6", "cone@10"}; !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
	shop.Do(loyalty.Adjustment{Units: -6}, manager)
	if got, want := states(shop), []string{"topping@3 issued", "topping@6 withdrawn", "cone@10 withdrawn"}; !slices.Equal(got, want) {
		t.Errorf("vouchers %q, want %q", got, want)
	}
	if card := shop.Card(); card.Balance != 5 || card.Lifetime != 5 || card.Day != 0 || !card.LastEarn.IsZero() {
		t.Errorf("card %+v", card)
	}
	shop.Refused(loyalty.InsufficientBalance, loyalty.Adjustment{Units: -6}, manager)
	for _, units := range []int64{0, loyalty.MaxUnits + 1, -loyalty.MaxUnits - 1, math.MaxInt64, math.MinInt64} {
		shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: units}, manager)
	}
}

// The note is committed to, and kept beside the entry so that it can be erased.
func TestAdjustKeepsTheNote(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	command := shop.Command(loyalty.Adjustment{Units: 1, Note: "found a paper card"}, loyaltytest.AtOffice)
	decision, err := shop.Post(command)
	if err != nil {
		t.Fatal(err)
	}
	entry, detail := decision.Entries[0], decision.Details[0]
	if detail.Entry != entry.ID || string(detail.Body) != `{"note":"found a paper card"}` || detail.Salt != command.Salt {
		t.Errorf("detail %+v", detail)
	}
	if want := sha256.Sum256(append(detail.Salt[:], detail.Body...)); entry.Commitment != want {
		t.Errorf("commitment %x, want %x", entry.Commitment, want)
	}
	decision = shop.Do(loyalty.Adjustment{Units: 1}, loyaltytest.AtOffice)
	if len(decision.Details) != 0 || decision.Entries[0].Commitment != (loyalty.Hash{}) {
		t.Error("no note, and yet a detail")
	}
}

func TestOpening(t *testing.T) {
	t.Parallel()
	manager := loyaltytest.Approved(loyalty.Manager)
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Refused(loyalty.PINRequired, loyalty.OpeningBalance{Units: 1}, loyaltytest.Approved(loyalty.Cashier))
	for _, units := range []int64{0, -1, loyalty.MaxUnits + 1, math.MaxInt64, math.MinInt64} {
		shop.Refused(loyalty.UnitsOutOfRange, loyalty.OpeningBalance{Units: units}, manager)
	}
	shop.Do(loyalty.OpeningBalance{Units: 2}, loyaltytest.AtOffice) // welcome stamps
	shop.Do(loyalty.OpeningBalance{Units: 9}, manager)              // and a paper card's
	if card := shop.Card(); card.Balance != 1 || card.Cycle != 1 || card.Lifetime != 11 {
		t.Errorf("card %+v", card)
	}
	shop.Do(loyalty.Earning{Units: 1})
	shop.Refused(loyalty.OpeningTooLate, loyalty.OpeningBalance{Units: 1}, manager)
}

// At a till an opening balance is what a paper card can hold, once per scan.
func TestOpeningAtATill(t *testing.T) {
	t.Parallel()
	manager, office := loyaltytest.Approved(loyalty.Manager), loyaltytest.AtOffice
	costless := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Cone, Name: "Only with a voucher"}}
	})
	for _, tt := range []struct {
		name    string
		program *loyalty.Program
		most    int64
	}{
		{"stamps: one less than a full card", loyaltytest.Program(t), 9},
		{"points: the dearest reward", loyaltytest.Points(t), 100},
		{"points for nothing", costless, loyalty.MaxUnits},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, tt.program)
			shop.Refused(loyalty.UnitsOutOfRange, loyalty.OpeningBalance{Units: tt.most + 1}, manager)
			entry := shop.Entry(loyalty.OpeningBalance{Units: tt.most}, manager, loyaltytest.Presenting("paper"))
			if entry.Balance != tt.most || entry.Method != loyalty.Live || entry.Staff.IsZero() {
				t.Errorf("%+v", entry)
			}
			shop.Refused(loyalty.CredentialUsed, loyalty.OpeningBalance{Units: 1}, manager, loyaltytest.Presenting("paper"))
			shop.Refused(loyalty.ScanUsed, loyalty.OpeningBalance{Units: 1}, manager, loyaltytest.Presenting("paper"), loyaltytest.ByHandle)
			shop.Refused(loyalty.ScanExpired, loyalty.OpeningBalance{Units: 1}, manager, loyaltytest.ScannedAgo(16*time.Minute))
			shop.Do(loyalty.Reversal{Entry: entry.ID}, manager)
			if tt.most < loyalty.MaxUnits {
				shop.Do(loyalty.OpeningBalance{Units: 5 * tt.most}, office)
			}
		})
	}
	t.Run("the same scan earns", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		shop.Do(loyalty.OpeningBalance{Units: 7}, manager, loyaltytest.Presenting("paper"))
		shop.Do(loyalty.Earning{Units: 1}, loyaltytest.Presenting("paper"), loyaltytest.ByHandle)
	})
	t.Run("after the program's end", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Ends = loyaltytest.Now.Add(time.Hour) }))
		shop.After(time.Hour)
		shop.Refused(loyalty.ProgramEnded, loyalty.OpeningBalance{Units: 1}, manager)
	})
}

// A card that has earned is not new again because its last earn was voided.
func TestOpeningAfterVoid(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 1})
	last := shop.Entry(loyalty.Earning{Units: 1})
	shop.Do(loyalty.Reversal{Entry: last.ID})
	shop.Refused(loyalty.OpeningTooLate, loyalty.OpeningBalance{Units: 1}, loyaltytest.AtOffice)
}

// No sum leaves ±MaxUnits, whatever is asked and however often.
func TestHugeNumbers(t *testing.T) {
	t.Parallel()
	points := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.AllowNegative = true
	})
	const most = loyalty.MaxUnits
	office := loyaltytest.AtOffice

	shop := loyaltytest.Open(t, points)
	shop.Do(loyalty.Earning{Units: most}, office)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Earning{Units: 1}, office)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: 1}, office)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Earning{Units: 1}, office) // lifetime is full

	shop = loyaltytest.Open(t, points)
	shop.Do(loyalty.Adjustment{Units: -most}, office)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: -1}, office)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: -most}, office)
	shop.Do(loyalty.Earning{Units: most}, office)

	shop = loyaltytest.Open(t, points)
	for range 2000 { // 2000 × 2^53 would overflow the day's count
		shop.Do(loyalty.Earning{Units: most}, office)
		shop.Do(loyalty.Adjustment{Units: -most}, office)
	}
	if card := shop.Card(); card.DayUnits != most {
		t.Errorf("counted %d today", card.DayUnits)
	}

	shop = loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.OpeningBalance{Units: most}, office)
	shop.Do(loyalty.Earning{Units: 1000}, office)
	shop.Refused(loyalty.InsufficientBalance, loyalty.Adjustment{Units: -most}, office)
	shop.Refused(loyalty.UnitsOutOfRange, loyalty.Adjustment{Units: most}, office)
}
