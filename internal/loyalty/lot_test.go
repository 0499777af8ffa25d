package loyalty_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

const dayLong = 24 * time.Hour

// byDays is a program whose points last so many days, can be spent at once, and may
// be owed.
func byDays(t *testing.T, days int64, changes ...func(*loyalty.Rules)) *loyalty.Program {
	return loyaltytest.Lots(t, append([]func(*loyalty.Rules){func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Expires: loyalty.AfterDays, After: days}
	}}, changes...)...)
}

// held is what each lot of a card has left and has lost, in the order it came.
func held(shop *loyaltytest.Shop) (lots []string) {
	for _, l := range shop.Lots() {
		lots = append(lots, fmt.Sprintf("%d of %d, %d expired", l.Left, l.Units, l.Expired))
	}
	return lots
}

func wantHeld(t *testing.T, shop *loyaltytest.Shop, want ...string) {
	t.Helper()
	if got := held(shop); !slices.Equal(got, want) {
		t.Errorf("lots %q, want %q", got, want)
	}
}

func TestOldestIsSpentFirst(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	shop.Do(loyalty.Earning{Units: 4})
	shop.After(10 * dayLong)
	shop.Do(loyalty.Earning{Units: 4})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	wantHeld(t, shop, "0 of 4, 0 expired", "3 of 4, 0 expired")
	shop.After(25 * dayLong) // the first lot's end, when nothing of it is left
	shop.Do(loyalty.Earning{Units: 1})
	wantHeld(t, shop, "0 of 4, 0 expired", "3 of 4, 0 expired", "1 of 1, 0 expired")
}

func TestPartsExpire(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	earn := shop.Entry(loyalty.Earning{Units: 7})
	shop.After(10 * dayLong)
	shop.Do(loyalty.Earning{Units: 4})
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.After(21 * dayLong)
	card, program := shop.Card(), shop.Program()
	if purse := card.Purse(program, shop.Lots(), shop.Now); card.Balance != 6 || purse.Spendable != 4 || purse.Expiring != 4 {
		t.Errorf("before it is posted: balance %d, purse %+v", card.Balance, purse)
	}
	decision := shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	if got, want := lines(decision.Entries), []string{"expire -2=4"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	wantHeld(t, shop, "0 of 7, 2 expired", "4 of 4, 0 expired")
	if card := shop.Card(); card.Floor != 0 || card.Cycle != 0 {
		t.Errorf("what is left counts on: %+v", card)
	}
	shop.Refused(loyalty.InsufficientBalance, loyalty.Lapse{}, loyaltytest.AtOffice)
	shop.Refused(loyalty.EntryNotVoidable, loyalty.Reversal{Entry: earn.ID}, loyaltytest.AtOffice)
}

func TestExpiryAtTheNextAction(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	shop.Do(loyalty.Earning{Units: 7})
	shop.After(31 * dayLong)
	shop.Refused(loyalty.InsufficientBalance, loyalty.Redemption{Reward: loyaltytest.Topping})
	decision := shop.Do(loyalty.Earning{Units: 3})
	if got, want := lines(decision.Entries), []string{"expire -7=0", "earn 3=3"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// A blocked card keeps its points no longer than others.
func TestBlockedCardLapses(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	shop.Do(loyalty.Earning{Units: 7})
	shop.Change(func(c *loyalty.Card) { c.Blocked = true })
	shop.After(31 * dayLong)
	shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	if card := shop.Card(); card.Balance != 0 || !card.Blocked {
		t.Errorf("card %+v", card)
	}
}

func TestPendingPointsCannotPay(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) { r.Lots = &loyalty.LotRule{Pending: 14} }))
	shop.Do(loyalty.Earning{Units: 3})
	shop.After(dayLong)
	shop.Do(loyalty.Earning{Units: 4})
	refusal := shop.Refused(loyalty.InsufficientBalance, loyalty.Redemption{Reward: loyaltytest.Topping})
	if !strings.Contains(refusal.Message, "7 more are pending") || !strings.Contains(refusal.Message, "17 March 2026") {
		t.Errorf("says %q", refusal.Message)
	}
	if both := shop.Lots()[1].Available; !refusal.RetryAt.Equal(both) {
		t.Errorf("it may work at %s, want %s", refusal.RetryAt, both)
	}
	card := shop.Card()
	purse := card.Purse(shop.Program(), shop.Lots(), shop.Now)
	if purse.Spendable != 0 || purse.Pending != 7 || !purse.Available.Equal(shop.Lots()[0].Available) {
		t.Errorf("purse %+v", purse)
	}
	shop.Now = refusal.RetryAt
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
}

// What a voided redemption gives back has its old dates.
func TestGivenBackWithOldDates(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	shop.Do(loyalty.Earning{Units: 4})
	shop.After(10 * dayLong)
	shop.Do(loyalty.Earning{Units: 4})
	before := shop.Lots()
	before = slices.Clone(before)
	redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward})
	if got := shop.Lots(); !slices.Equal(got, before) {
		t.Errorf("lots %+v, before %+v", got, before)
	}
}

// A void takes from its own lot first, and what was spent of that from others.
func TestVoidTakesItsOwnLot(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	shop.Do(loyalty.Earning{Units: 4})
	shop.After(dayLong)
	second := shop.Entry(loyalty.Earning{Units: 4}, loyaltytest.AtOffice)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Earning{Units: 5})
	shop.Do(loyalty.Reversal{Entry: second.ID}, loyaltytest.AtOffice)
	wantHeld(t, shop, "0 of 4, 0 expired", "0 of 0, 0 expired", "4 of 5, 0 expired")
}

// A debt is paid by what comes in next.
func TestDebtIsPaidFirst(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30, func(r *loyalty.Rules) { r.AllowNegative = true }))
	shop.Do(loyalty.Earning{Units: 2})
	shop.Do(loyalty.Adjustment{Units: -5}, loyaltytest.AtOffice)
	shop.Do(loyalty.Earning{Units: 2})
	shop.Do(loyalty.Earning{Units: 6})
	wantHeld(t, shop, "0 of 2, 0 expired", "0 of 2, 0 expired", "5 of 6, 0 expired")
}

// Points from before the program had lots become one, which counts from the next
// entry on.
func TestProgramGetsLots(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }))
	shop.Do(loyalty.Earning{Units: 8})
	redeem := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.After(1000 * dayLong)
	shop.Publish(func(r *loyalty.Rules) { r.Lots = &loyalty.LotRule{Expires: loyalty.AfterDays, After: 30} })
	if card := shop.Card(); card.Spendable(shop.Program(), nil, shop.Now) != 3 {
		t.Errorf("spendable before the next entry: %+v", card)
	}
	shop.Do(loyalty.Earning{Units: 1})
	wantHeld(t, shop, "3 of 3, 0 expired", "1 of 1, 0 expired")
	shop.Do(loyalty.Reversal{Entry: redeem.ID, Reward: redeem.Reward}, loyaltytest.AtOffice)
	wantHeld(t, shop, "8 of 8, 0 expired", "1 of 1, 0 expired")
	shop.After(31 * dayLong)
	shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
	wantHeld(t, shop, "0 of 8, 8 expired", "0 of 1, 1 expired")
}

// Silence for too long takes all lots, whatever their dates.
func TestSilenceTakesAllLots(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 300, func(r *loyalty.Rules) { r.UnitsLast = 30 }))
	shop.Do(loyalty.Earning{Units: 4})
	shop.After(31 * dayLong)
	card := shop.Card()
	if purse := card.Purse(shop.Program(), shop.Lots(), shop.Now); purse != (loyalty.Purse{}) {
		t.Errorf("purse %+v", purse)
	}
	shop.Do(loyalty.Earning{Units: 1})
	wantHeld(t, shop, "0 of 4, 4 expired", "1 of 1, 0 expired")
}

// Lots move with their dates when cards are merged.
func TestLotsAreMerged(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, byDays(t, 30))
	other := loyaltytest.Card(shop.Program(), "berta")
	shop.Book.Cards[other.ID] = other
	shop.Do(loyalty.Earning{Units: 7}, func(c *loyalty.Command) { c.Card = other.ID })
	shop.After(10 * dayLong)
	shop.Do(loyalty.Earning{Units: 2})
	theirs := shop.Book.Lots[other.ID][0]
	shop.Do(loyalty.Merger{Into: shop.CardID}, loyaltytest.AtOffice, func(c *loyalty.Command) { c.Card = other.ID })
	ours := shop.Lots()
	if len(ours) != 2 || ours[1].Entry != theirs.Entry || ours[1].Left != 7 || !ours[1].Expires.Equal(theirs.Expires) {
		t.Errorf("lots %+v", ours)
	}
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	wantHeld(t, shop, "2 of 2, 0 expired", "2 of 7, 0 expired")
}

func TestVerifyLots(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		forge  func([]loyalty.Lot) []loyalty.Lot
		saying string
	}{
		{"more left", func(l []loyalty.Lot) []loyalty.Lot { l[0].Left, l[0].Expired = 2, 0; return l }, "its entries make that 0, 2 and 7"},
		{"moved between lots", func(l []loyalty.Lot) []loyalty.Lot { l[0].Left++; l[0].Expired--; l[1].Left--; return l }, "its entries make"},
		{"longer life", func(l []loyalty.Lot) []loyalty.Lot { l[0].Expires = l[0].Expires.Add(1000 * dayLong); return l }, "its entries make"},
		{"below zero", func(l []loyalty.Lot) []loyalty.Lot { l[0].Left = -1; return l }, "-1 left"},
		{"gone", func(l []loyalty.Lot) []loyalty.Lot { return l[:1] }, "left in its lots"},
		{"all gone", func(l []loyalty.Lot) []loyalty.Lot { return nil }, "has no lots"},
		{"twice", func(l []loyalty.Lot) []loyalty.Lot { return append(l, l[0]) }, "twice"},
		{"from nowhere", func(l []loyalty.Lot) []loyalty.Lot {
			return append(l, loyalty.Lot{Card: l[0].Card, Entry: loyaltytest.ID("nowhere"), Seq: 99, Units: 1, Left: 1})
		}, "no entry brought in"},
		{"another card's", func(l []loyalty.Lot) []loyalty.Lot { l[0].Card = loyaltytest.ID("another card"); return l }, "belongs to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, byDays(t, 30))
			shop.Do(loyalty.Earning{Units: 7})
			shop.After(10 * dayLong)
			shop.Do(loyalty.Earning{Units: 4})
			shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
			shop.After(21 * dayLong)
			shop.Do(loyalty.Lapse{}, loyaltytest.AtOffice)
			card := shop.Card()
			flaw := flawOf(loyalty.VerifyCard(&card, nil, tt.forge(slices.Clone(shop.Lots())), loyaltytest.Stream(shop.Entries())))
			if flaw == nil || !strings.Contains(flaw.Error(), tt.saying) {
				t.Errorf("got %v, want %q", flaw, tt.saying)
			}
		})
	}
}
