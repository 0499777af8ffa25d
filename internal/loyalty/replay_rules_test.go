package loyalty_test

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// after replays all of a shop by changed rules, up to its present.
func after(t *testing.T, shop *loyaltytest.Shop, changes ...func(*loyalty.Rules)) *loyalty.Replayed {
	t.Helper()
	changed := loyaltytest.Next(t, shop.Program(), changes...)
	return replayed(t, shop.Book, replayOf(shop.Book, shop.Program(), changed, shop.Now), shop.CardID)
}

func buys(shop *loyaltytest.Shop, ref string, total int64) *loyalty.Entry {
	return shop.Entry(loyalty.Earning{Purchase: loyaltytest.Purchase(ref, total)})
}

// What expires sooner is no longer there when it is asked for.
func TestReplayLetsTimePass(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Lots(t, func(r *loyalty.Rules) {
		r.Lots = &loyalty.LotRule{Expires: loyalty.AfterMonths, After: 12}
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Topping, Name: "Topping", Cost: 10}}
	}))
	shop.Do(loyalty.Earning{Units: 30})
	shop.After(60 * 24 * time.Hour)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Earning{Units: 4})
	got := after(t, shop, func(r *loyalty.Rules) { r.Lots = &loyalty.LotRule{Expires: loyalty.AfterMonths, After: 1} })
	if got.Before.Balance != 24 || got.Before.Expired != 0 || got.Before.Redeemed != 10 || got.Before.Worth != 34 {
		t.Errorf("before %+v", got.Before)
	}
	want := loyalty.Refused{Kind: loyalty.Redeem, Code: loyalty.InsufficientBalance}
	if a := got.After; a.Balance != 4 || a.Expired != 30 || a.Redeemed != 0 || a.Refused[want] != 1 || a.Worth != 4 {
		t.Errorf("after %+v", a)
	}
	// Nothing happens any more, and time goes on.
	shop.After(400 * 24 * time.Hour)
	if got := after(t, shop); got.Before.Balance != 0 || got.Before.Expired != 24 || !got.Exact() {
		t.Errorf("in the end %+v", got.Before)
	}
}

// A cheaper reward is a gain although no unit more came in.
func TestReplayOfCheaperReward(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	buys(shop, "r1", 12_000)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Machine})
	undone := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Do(loyalty.Reversal{Entry: undone.ID, Reward: undone.Reward})
	got := after(t, shop, func(r *loyalty.Rules) {
		for i := range r.Rewards {
			r.Rewards[i].Cost /= 2
		}
	})
	if got.Before.Worth != 120 || got.After.Worth != 170 || got.After.Balance != 70 || got.After.Redeemed != 50 || len(got.After.Refused) != 0 {
		t.Errorf("before %+v, after %+v", got.Before, got.After)
	}
}

// What takes back an earn that was refused is left out with it.
func TestReplayOfVoids(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	for range 2 {
		earn := shop.Entry(loyalty.Earning{Units: 9})
		shop.Do(loyalty.Reversal{Entry: earn.ID})
	}
	shop.Do(loyalty.Earning{Units: 3})
	got := after(t, shop, func(r *loyalty.Rules) { r.Earn.DailyCap = 5 })
	if a := got.After; a.Balance != 3 || a.Issued != 3 || a.Earns != 1 || a.Refused[loyalty.Refused{Kind: loyalty.Earn, Code: loyalty.DailyCapReached}] != 2 {
		t.Errorf("after %+v", a)
	}
}

// A cooldown that a manager lifted stays lifted, and no other.
func TestReplayOfLiftedCooldown(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.Override = 60, true }))
	shop.Do(loyalty.Earning{Units: 1})
	shop.Do(loyalty.Earning{Units: 1}, loyaltytest.Approved(loyalty.Manager))
	shop.After(2 * time.Minute)
	shop.Do(loyalty.Earning{Units: 1}, loyaltytest.Approved(loyalty.Manager))
	got := after(t, shop, func(r *loyalty.Rules) { r.Earn.Cooldown = 3600 })
	if !got.Exact() || got.After.Balance != 2 || got.After.Refused[loyalty.Refused{Kind: loyalty.Earn, Code: loyalty.CooldownActive}] != 1 {
		t.Errorf("%+v", got)
	}
}

// A discount grows with what was spent, by whichever steps.
func TestReplayOfDiscount(t *testing.T) {
	t.Parallel()
	steps := func(from int64) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) {
			r.Discount.Window = loyalty.Window{Over: loyalty.Lifetime}
			r.Discount.Steps = []loyalty.DiscountStep{{From: from, Rate: 1000}}
		}
	}
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, steps(20_000)))
	var last *loyalty.Entry
	for _, ref := range []string{"r1", "r2", "r3"} {
		last = shop.Entry(loyalty.Granting{Purchase: loyaltytest.Purchase(ref, 10_000)})
		shop.After(24 * time.Hour)
	}
	shop.Do(loyalty.Reversal{Entry: last.ID}, loyaltytest.AtOffice)
	shop.Do(loyalty.Granting{Purchase: loyaltytest.Purchase("r4", 5000)})
	got := after(t, shop, steps(10_000))
	if !got.Exact() || got.Before.Discount != 500 || got.After.Discount != 1500 || got.After.Worth != 1500 {
		t.Errorf("%+v", got)
	}
}

// What came back of a discounted purchase comes back of it by any other rate, too: the
// same part of what was left to pay.
func TestReplayOfRefundedDiscount(t *testing.T) {
	t.Parallel()
	rate := func(rate int64) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) {
			r.Discount.Window = loyalty.Window{Over: loyalty.Lifetime}
			r.Discount.Steps = []loyalty.DiscountStep{{From: 0, Rate: rate}}
		}
	}
	shop := loyaltytest.Open(t, loyaltytest.Discount(t, rate(1000)))
	half := shop.Entry(loyalty.Granting{Purchase: loyaltytest.Purchase("r1", 10_000)})
	all := shop.Entry(loyalty.Granting{Purchase: loyaltytest.Purchase("r2", 10_000)})
	shop.Do(refunding(shop, half, amount(4500)), loyaltytest.AtOffice)
	shop.Do(refunding(shop, all, amount(9000)), loyaltytest.AtOffice)
	for _, tt := range []struct{ rate, off int64 }{{1000, 500}, {2000, 1000}, {500, 250}, {loyalty.MaxRate, 0}} {
		got := after(t, shop, rate(tt.rate))
		if !got.Exact() || got.Before.Discount != 500 || got.After.Discount != tt.off || len(got.After.Refused) > 0 {
			t.Errorf("at %d: %+v", tt.rate, got)
		}
	}
}

// Only from a moment on are the rules others; what was before is the same on both sides.
func TestReplayFrom(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	shop.Do(loyalty.Earning{Units: 8})
	shop.After(time.Hour)
	changed := loyaltytest.Next(t, shop.Program(), func(r *loyalty.Rules) { r.Card.Size, r.Card.Milestones = 5, nil })
	r := replayOf(shop.Book, shop.Program(), changed, shop.Now)
	r.From = shop.Now
	shop.Do(loyalty.Earning{Units: 1})
	got := replayed(t, shop.Book, r, shop.CardID)
	if b, a := got.Before, got.After; b.Issued != 1 || b.Balance != 9 || a.Issued != 1 || a.Filled != 5 || a.Balance != 4 || a.Rewards[loyaltytest.Cone].Live != 1 {
		t.Errorf("before %+v, after %+v", b, a)
	}
}

// What is not known is posted as it was, on both sides, and is counted.
func TestReplayKeepsWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	lines := func(r *loyalty.Rules) {
		r.Earn.Bonuses = []loyalty.Bonus{{Name: "Bread", Lines: loyalty.LinesBonus{Match: loyalty.Match{Categories: []string{"bread"}}, Of: loyalty.ByAmount, Units: 1, Per: 100}}}
	}
	tests := []struct {
		name    string
		current func(*loyalty.Rules)
		changed func(*loyalty.Rules)
		erase   bool
		why     loyalty.KeptWhy
	}{
		{"the purchase was erased", func(*loyalty.Rules) {}, func(r *loyalty.Rules) { r.Earn.Units *= 2 }, true, loyalty.KeptErased},
		{"its lines were forgotten", func(r *loyalty.Rules) { r.Earn.ForgetItems = true }, lines, false, loyalty.KeptForgotten},
		{"nobody told how many", func(*loyalty.Rules) {}, func(r *loyalty.Rules) { r.Earn = loyalty.EarnRule{By: loyalty.ByUnits} }, false, loyalty.KeptNoUnits},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, tt.current))
			earn := buys(shop, "r1", 1200)
			refund := shop.Do(loyalty.Refunding{Entry: earn.ID, Detail: shop.Book.Details[earn.ID], Amount: 600}, loyaltytest.AtOffice)
			shop.After(time.Hour)
			if tt.erase {
				delete(shop.Book.Details, earn.ID)
				delete(shop.Book.Details, refund.Entries[0].ID)
			}
			got := after(t, shop, tt.changed)
			if kept := got.Kept[tt.why]; kept.Entries == 0 || !got.Exact() || got.After.Balance != shop.Card().Balance || got.After.Issued != got.Before.Issued {
				t.Errorf("kept %+v of %+v", got.Kept, got)
			}
		})
	}
	t.Run("nobody told a purchase", func(t *testing.T) {
		t.Parallel()
		shop := loyaltytest.Open(t, loyaltytest.Program(t))
		shop.Do(loyalty.Earning{Units: 3})
		got := after(t, shop, func(r *loyalty.Rules) {
			r.Earn = loyalty.EarnRule{By: loyalty.BySpend, Units: 1, Per: 100, Currency: "EUR", Rounding: loyalty.Down}
		})
		if kept := got.Kept[loyalty.KeptNoPurchase]; kept != (loyalty.Kept{Entries: 1, Units: 3}) || got.After.Balance != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// A card that is opened gets the welcome of the rules, and one that was moved in none.
func TestReplayOfWelcome(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Program(t, func(r *loyalty.Rules) { r.Welcome = 2 })
	opened, err := loyalty.OpenCard(program, loyalty.Command{Merchant: program.Merchant, Card: loyaltytest.ID("new")}, loyaltytest.Now, loyalty.NewID)
	if err != nil {
		t.Fatal(err)
	}
	book := loyaltytest.NewBook()
	book.Cards[opened.Card.ID], book.Entries[opened.Card.ID] = opened.Card, opened.Entries
	changed := loyaltytest.Next(t, program, func(r *loyalty.Rules) { r.Welcome = 5 })
	h := historyOf(book, opened.Card.ID)
	h.Card.Created = opened.Card.Created
	r := replayOf(book, program, changed, loyaltytest.Now.Add(time.Hour))
	got, err := r.Card(h, nil)
	if err != nil || !got.Exact() || got.Before.Issued != 2 || got.After.Issued != 5 || got.After.Balance != 5 {
		t.Errorf("%+v, %v", got, err)
	}
	h.Card.ID = loyalty.MovedCardID(program.Merchant, program.ID, "1")
	if got, err = r.Card(h, nil); err != nil || got.After.Issued != 2 {
		t.Errorf("moved in: %+v, %v", got, err)
	}
}
