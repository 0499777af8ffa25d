package loyalty_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// chosen is what a till that scans the shop's card now is told of its holder's choice.
func chosen(shop *loyaltytest.Shop) (list []loyalty.Offer) {
	card := shop.Card()
	live := loyalty.Scanned{Method: loyalty.Live}
	for _, o := range loyalty.Offers(shop.Program(), &card, &loyalty.Belonging{}, shop.Vouchers(), shop.Lots(), nil, &live, shop.Now) {
		if !o.Chosen.IsZero() {
			list = append(list, o)
		}
	}
	return list
}

func choosing(reward loyalty.RewardID, amount int64) loyalty.Choosing {
	return loyalty.Choosing{Redemption: loyalty.Redemption{Reward: reward, Amount: amount}}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	before := shop.Card()
	shop.Do(choosing(loyaltytest.Cone, 333), loyaltytest.AtOffice)
	want := loyalty.Choice{Reward: loyaltytest.Cone, Amount: 333, Until: shop.Now.Add(loyalty.ChoiceLife)}
	offers := chosen(shop)
	if len(offers) != 1 || offers[0].Chosen != want || offers[0].Reward != loyaltytest.Cone || offers[0].ChosenCost() != 34 {
		t.Fatalf("the till is told %+v", offers)
	}
	after := shop.Card()
	after.Choice = loyalty.Choice{}
	if after != before || len(shop.Entries()) != int(before.Seq) {
		t.Errorf("choosing changed the card: %+v, %+v", before, after)
	}

	shop.Do(choosing(loyaltytest.Topping, 0), loyaltytest.AtOffice) // to buy a gift card, instead
	if offers := chosen(shop); len(offers) != 1 || offers[0].Reward != loyaltytest.Topping || offers[0].ChosenCost() != 10 {
		t.Errorf("another choice: %+v", offers)
	}
	shop.After(loyalty.ChoiceLife - time.Microsecond)
	if len(chosen(shop)) != 1 {
		t.Error("it is forgotten too early")
	}
	shop.After(time.Microsecond)
	if offers := chosen(shop); len(offers) != 0 {
		t.Errorf("it is not forgotten: %+v", offers)
	}
	shop.Do(loyalty.Adjustment{Units: 1}, loyaltytest.AtOffice)
	if card := shop.Card(); !card.Choice.IsZero() {
		t.Errorf("what came next kept %+v", card.Choice)
	}

	shop.Do(choosing(loyaltytest.Cone, 50), loyaltytest.AtOffice)
	shop.Do(loyalty.Choosing{Drop: true}, loyaltytest.AtOffice)
	if len(chosen(shop)) != 0 {
		t.Error("it was not taken back")
	}
	shop.Do(loyalty.Choosing{Drop: true}, loyaltytest.AtOffice) // there is none
}

func TestRedeemingUsesTheChoiceUp(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	pay := func(amount int64) loyalty.Redemption {
		return loyalty.Redemption{Reward: loyaltytest.Cone, Amount: amount, Purchase: loyaltytest.Purchase("bill", 4000)}
	}
	shop.Do(choosing(loyaltytest.Cone, 500), loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: 1}, loyaltytest.AtOffice)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping}) // something else
	if len(chosen(shop)) != 1 {
		t.Fatal("something else used it up")
	}
	shop.Refused(loyalty.AmountInvalid, pay(0))
	if len(chosen(shop)) != 1 {
		t.Fatal("a refusal used it up")
	}
	if e := shop.Entry(pay(100)); e.Counted.Off != 100 { // as the cashier says
		t.Errorf("%+v", e)
	}
	if card := shop.Card(); !card.Choice.IsZero() {
		t.Errorf("it is still there: %+v", card.Choice)
	}
	shop.Do(choosing(loyaltytest.Topping, 700), loyaltytest.AtOffice) // of the gift card that was bought
	if offers := chosen(shop); len(offers) != 1 || offers[0].Voucher != shop.Vouchers()[0].ID || offers[0].Chosen.Amount != 700 || offers[0].ChosenCost() != 0 {
		t.Fatalf("%+v", offers)
	}
	used := shop.Entry(loyalty.Redemption{Reward: loyaltytest.Topping, Voucher: shop.Vouchers()[0].ID, Amount: 700})
	if len(chosen(shop)) != 0 {
		t.Error("using the gift card did not use it up")
	}
	shop.Do(loyalty.Reversal{Entry: used.ID, Reward: used.Reward})
	if len(chosen(shop)) != 0 {
		t.Error("a void wishes something again")
	}
}

// A choice is refused as redeeming would be, and then what was chosen before stays.
func TestChooseIsRefused(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	shop.Do(choosing(loyaltytest.Cone, 200), loyaltytest.AtOffice)
	shop.Refused(loyalty.RewardNotFound, choosing(loyaltytest.Partner, 0), loyaltytest.AtOffice)
	shop.Refused(loyalty.InsufficientBalance, choosing(loyaltytest.Cone, 1001), loyaltytest.AtOffice)
	shop.Refused(loyalty.AmountInvalid, choosing(loyaltytest.Cone, 49), loyaltytest.AtOffice)
	if r := shop.Refused(loyalty.AmountInvalid, choosing(loyaltytest.Cone, 0), loyaltytest.AtOffice); !strings.Contains(r.Message, "from 50 to 1000, in minor units of EUR") {
		t.Errorf("says %q", r.Message)
	}
	shop.Refused(loyalty.VoucherNotFound, choosing(loyaltytest.Topping, 100), loyaltytest.AtOffice)
	shop.Refused(loyalty.VoucherNotLive, loyalty.Choosing{Redemption: loyalty.Redemption{Reward: loyaltytest.Topping, Voucher: loyaltytest.ID("no such voucher")}}, loyaltytest.AtOffice)
	if offers := chosen(shop); len(offers) != 1 || offers[0].Chosen.Amount != 200 {
		t.Errorf("what was chosen before: %+v", offers)
	}
	shop.Change(func(c *loyalty.Card) { c.Blocked = true })
	shop.Refused(loyalty.CardBlocked, choosing(loyaltytest.Cone, 200), loyaltytest.AtOffice)
}

func TestChooseWithinStockAndLimits(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) { r.Rewards[0].PerCard = 1 }))
	shop.Do(loyalty.Adjustment{Units: 1000}, loyaltytest.AtOffice)
	shop.Do(choosing(loyaltytest.Machine, 0), loyaltytest.AtOffice)
	shop.Refused(loyalty.AmountInvalid, choosing(loyaltytest.Machine, 100), loyaltytest.AtOffice)
	shop.Book.Stock[loyaltytest.Machine] = 0
	shop.Refused(loyalty.RewardOutOfStock, choosing(loyaltytest.Machine, 0), loyaltytest.AtOffice)
	shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
	shop.Refused(loyalty.RewardLimitReached, choosing(loyaltytest.Topping, 0), loyaltytest.AtOffice)
}

// A choice that can be had no more is not shown, and comes back where it can be again.
func TestChoiceThatCanBeHadNoMore(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	shop.Do(choosing(loyaltytest.Cone, 900), loyaltytest.AtOffice)
	shop.Do(loyalty.Adjustment{Units: -20}, loyaltytest.AtOffice) // 80 left: 90 are needed
	if offers := chosen(shop); len(offers) != 0 {
		t.Errorf("the card has too little: %+v", offers)
	}
	shop.Do(loyalty.Adjustment{Units: 20}, loyaltytest.AtOffice)
	if len(chosen(shop)) != 1 {
		t.Error("it can be had again")
	}
	shop.Publish(func(r *loyalty.Rules) { r.Rewards[2].Flexible.Min = 901 })
	if offers := chosen(shop); len(offers) != 0 {
		t.Errorf("below what can be had now: %+v", offers)
	}
}

// A percentage off some lines is chosen before there is a purchase.
func TestChooseWhatIsTakenOffABill(t *testing.T) {
	t.Parallel()
	for _, lines := range []loyalty.Match{{}, {Categories: []string{"shoes"}}, {SKUs: []string{"boot"}}} {
		shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
			r.Rewards[0].RewardTerms = loyalty.RewardTerms{Kind: loyalty.PercentOff, Rate: 1000, Rounding: loyalty.Down, Currency: "EUR", Lines: lines}
		}))
		shop.Refused(loyalty.VoucherNotFound, choosing(loyaltytest.Cone, 0), loyaltytest.AtOffice)
		shop.Do(loyalty.Earning{Units: 10})
		shop.Do(choosing(loyaltytest.Cone, 0), loyaltytest.AtOffice)
		if offers := chosen(shop); len(offers) != 1 || offers[0].Voucher != shop.Vouchers()[0].ID {
			t.Errorf("%+v: %+v", lines, offers)
		}
		shop.Refused(loyalty.AmountInvalid, choosing(loyaltytest.Cone, 100), loyaltytest.AtOffice)
	}
}

// A card that ends takes no wish along; the survivor keeps its own.
func TestChoicesOfMergedCards(t *testing.T) {
	t.Parallel()
	shop := giftShop(t)
	twin := loyaltytest.Card(shop.Program(), "twin", func(c *loyalty.Card) {
		c.Choice = loyalty.Choice{Reward: loyaltytest.Topping, Until: shop.Now.Add(time.Minute)}
	})
	shop.Book.Cards[twin.ID] = twin
	shop.Do(choosing(loyaltytest.Cone, 100), loyaltytest.AtOffice)
	shop.Do(loyalty.Merger{Into: shop.CardID}, loyaltytest.AtOffice, func(c *loyalty.Command) { c.Card = twin.ID })
	gone, kept := shop.Book.Cards[twin.ID], shop.Card()
	if !gone.Choice.IsZero() || kept.Choice.Reward != loyaltytest.Cone {
		t.Errorf("the card that ended wishes %+v, the survivor %+v", gone.Choice, kept.Choice)
	}
}

// What can be chosen can be redeemed there and then, and the other way round.
func TestChoosingIsAsRedeeming(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		shop := giftShop(rt, func(r *loyalty.Rules) {
			r.Rewards[2].Flexible = loyalty.Flexible{
				Units: rapid.Int64Range(1, 40).Draw(rt, "units"), Per: rapid.Int64Range(1, 40).Draw(rt, "per"),
				Min: rapid.Int64Range(1, 500).Draw(rt, "min"), Max: rapid.SampledFrom([]int64{0, 500, 900}).Draw(rt, "max"),
			}
		})
		if rapid.Bool().Draw(rt, "bought before") {
			shop.Do(loyalty.Redemption{Reward: loyaltytest.Topping})
		}
		do := loyalty.Redemption{
			Reward: rapid.SampledFrom([]loyalty.RewardID{loyaltytest.Cone, loyaltytest.Topping}).Draw(rt, "reward"),
			Amount: rapid.Int64Range(0, 2100).Draw(rt, "amount"),
		}
		_, refused := shop.Post(shop.Command(loyalty.Choosing{Redemption: do}, loyaltytest.AtOffice))
		offers := chosen(shop)
		if (refused == nil) != (len(offers) == 1) {
			rt.Fatalf("%+v: %v, and the till is told %+v", do, refused, offers)
		}
		if do.Reward == loyaltytest.Cone {
			do.Purchase = loyaltytest.Purchase("bill", 1_000_000)
		}
		_, err := shop.Post(shop.Command(do))
		var chose, redeemed *loyalty.Refusal
		errors.As(refused, &chose)
		errors.As(err, &redeemed)
		if (chose == nil) != (redeemed == nil) {
			rt.Fatalf("%+v: chosen %v, redeemed %v", do, refused, err)
		}
	})
}
