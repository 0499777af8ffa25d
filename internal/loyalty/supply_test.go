package loyalty_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// whyOf is what an answer's offer of a reward says; "available" where it is, and empty
// where there is no such offer.
func whyOf(d *loyalty.Decision, reward loyalty.RewardID, now time.Time) loyalty.Code {
	scan := loyalty.Scanned{Method: loyalty.Live}
	for _, o := range loyalty.Offers(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &scan, now) {
		switch {
		case o.Reward != reward:
		case o.Available != (o.Why == ""):
			return "both"
		case o.Available:
			return "available"
		default:
			return o.Why
		}
	}
	return ""
}

// The answer to what took the last one says that it was the last one, and the answer to
// what gave it back that it is there again.
func TestOffersAfterwards(t *testing.T) {
	t.Parallel()
	const have = loyalty.Code("available")
	one := func(change func(*loyalty.Reward)) func(*loyalty.Rules) {
		return func(r *loyalty.Rules) {
			r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
			reward := loyalty.Reward{ID: loyaltytest.Partner, Name: "It", Cost: 10}
			change(&reward)
			r.Rewards = append(r.Rewards, reward)
		}
	}
	code := func(r *loyalty.Reward) { r.Kind = loyalty.PartnerCode }
	tests := []struct {
		name   string
		reward func(*loyalty.Reward)
		codes  []loyalty.GiftCode
		units  int64
		want   []loyalty.Code // after earning, after each redemption that goes, after the void of the last
	}{
		{"nothing bounds it", func(*loyalty.Reward) {}, nil, 30, []loyalty.Code{have, have, have, loyalty.InsufficientBalance, have}},
		{"once per card", func(r *loyalty.Reward) { r.PerCard = 1 }, nil, 30, []loyalty.Code{have, loyalty.RewardLimitReached, have}},
		{"once per member, nobody's card", func(r *loyalty.Reward) { r.PerMember = 1 }, nil, 30, []loyalty.Code{have, loyalty.RewardLimitReached, have}},
		{"the limit comes first", func(r *loyalty.Reward) { r.PerCard, r.Limited = 3, true }, nil, 50, []loyalty.Code{have, have, have, loyalty.RewardLimitReached, have}},
		{"too few units come before it", func(r *loyalty.Reward) { r.PerCard = 1 }, nil, 10, []loyalty.Code{have, loyalty.InsufficientBalance, have}},
		{"three in stock", func(r *loyalty.Reward) { r.Limited = true }, nil, 50, []loyalty.Code{have, have, have, loyalty.RewardOutOfStock, have}},
		{"an empty pool", code, nil, 30, []loyalty.Code{loyalty.RewardOutOfStock}},
		{"codes that have ended", code, []loyalty.GiftCode{loyaltytest.Code("old", loyaltytest.Partner, ending(loyaltytest.Now))}, 30, []loyalty.Code{loyalty.RewardOutOfStock}},
		{"one code, which a void spoils", code, []loyalty.GiftCode{loyaltytest.Code("one", loyaltytest.Partner)}, 30, []loyalty.Code{have, loyalty.RewardOutOfStock, loyalty.RewardOutOfStock}},
		{"two codes", code, []loyalty.GiftCode{loyaltytest.Code("one", loyaltytest.Partner), loyaltytest.Code("two", loyaltytest.Partner, ending(loyaltytest.Now.Add(time.Hour)))}, 30, []loyalty.Code{have, have, loyalty.RewardOutOfStock, loyalty.RewardOutOfStock}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t, one(tt.reward)))
			shop.Book.Codes = tt.codes
			said := shop.Do(loyalty.Earning{Units: tt.units})
			got := []loyalty.Code{whyOf(said, loyaltytest.Partner, shop.Now)}
			var last loyalty.EntryID
			for got[len(got)-1] == have {
				said = shop.Do(loyalty.Redemption{Reward: loyaltytest.Partner})
				last = said.Primary(loyalty.Redeem).ID
				got = append(got, whyOf(said, loyaltytest.Partner, shop.Now))
			}
			shop.Refused(got[len(got)-1], loyalty.Redemption{Reward: loyaltytest.Partner})
			if !last.IsZero() {
				said = shop.Do(loyalty.Reversal{Entry: last, Reward: loyaltytest.Partner}, loyaltytest.Approved(loyalty.Manager))
				got = append(got, whyOf(said, loyaltytest.Partner, shop.Now))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("said %v, want %v", got, tt.want)
			}
		})
	}
}

// A voucher does not help where its reward is out of stock, and a gift card does.
func TestOffersOfVouchers(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) {
		for i := range r.Rewards {
			r.Rewards[i].Limited = r.Rewards[i].ID == loyaltytest.Cone
		}
	}))
	full := shop.Do(loyalty.Earning{Units: 20})
	if why := whyOf(full, loyaltytest.Cone, shop.Now); why != "available" {
		t.Errorf("with three in stock: %s", why)
	}
	shop.Book.Stock[loyaltytest.Cone] = 1
	if why := whyOf(shop.Do(loyalty.Redemption{Reward: loyaltytest.Cone}), loyaltytest.Cone, shop.Now); why != loyalty.RewardOutOfStock {
		t.Errorf("with none in stock: %s", why)
	}
	shop.Refused(loyalty.RewardOutOfStock, loyalty.Redemption{Reward: loyaltytest.Cone})

	money := loyaltytest.Open(t, loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Earn = loyalty.EarnRule{By: loyalty.ByUnits}
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Cone, Name: "5 €", Cost: 10, PerCard: 1, RewardTerms: loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 500, Currency: "EUR"}}}
	}))
	money.Do(loyalty.Earning{Units: 30})
	bought := money.Do(loyalty.Redemption{Reward: loyaltytest.Cone})
	scan := loyalty.Scanned{Method: loyalty.Live}
	offers := loyalty.Offers(bought.Program, &bought.Card, &bought.Belonging, bought.Vouchers, nil, bought.Short, &scan, money.Now)
	if len(offers) != 2 || !offers[0].Available || offers[0].Left != 500 || offers[1].Available || offers[1].Why != loyalty.RewardLimitReached {
		t.Errorf("%+v", offers)
	}
}

// A voucher that another till holds is back within a minute, unlike what there is no more
// of: the cashier is told what waiting does not mend, as the offer says.
func TestHeldAndGone(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].Limited = true }))
	back := shop.Pair(loyaltytest.Till(t, "back"))
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	shop.Do(loyalty.Earning{Units: 10})
	shop.Do(loyalty.Reserving{Reward: loyaltytest.Cone}, back)
	shop.Refused(loyalty.RewardReserved, redeem)
	shop.Book.Stock[loyaltytest.Cone] = 0
	if why := whyOf(shop.Do(loyalty.Earning{Units: 1}), loyaltytest.Cone, shop.Now); why != loyalty.RewardOutOfStock {
		t.Errorf("it is offered as %s", why)
	}
	if r := shop.Refused(loyalty.RewardOutOfStock, redeem); !r.RetryAt.IsZero() {
		t.Errorf("it may work at %s", r.RetryAt)
	}
}

// Whatever was done, by whomever: what an answer offers is granted as far as units and
// bounds go, and what it does not is refused with the reason that it gave.
func TestOffersTellTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		play := loyaltytest.NewPlay(t, "offers")
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			step := play.Next(t)
			play.Publish(step)
			results, err := play.Book.Post(step.Batch, step.Now)
			if err != nil {
				t.Fatal(err)
			}
			last := map[loyalty.CardID]*loyalty.Decision{} // what each card was told last
			for i, r := range results {
				if r.Err == nil && step.Batch[i].TellsOffers() {
					last[r.Decision.Card.ID] = r.Decision
				}
			}
			if len(step.Batch) > 1 { // others have taken some of it meanwhile
				continue
			}
			for _, d := range last {
				checkOffers(t, play.Book, d, step.Now)
			}
		}
	})
}

// checkOffers asks for each offer of an answer, for the merchant's office, whom no PIN
// keeps from it.
func checkOffers(t *rapid.T, book *loyaltytest.Book, d *loyalty.Decision, now time.Time) {
	scan := loyalty.Scanned{Method: loyalty.Live}
	for i, o := range loyalty.Offers(d.Program, &d.Card, &d.Belonging, d.Vouchers, d.Lots, d.Short, &scan, now) {
		do := loyalty.Redemption{Reward: o.Reward, Voucher: o.Voucher, Amount: o.Terms.Flexible.Min}
		if o.Terms.Kind == loyalty.PercentOff || o.Terms.Kind == loyalty.AmountOff {
			do.Purchase = loyaltytest.Purchase("offered", 1_000_000, func(p *loyalty.Purchase) {
				p.Currency = o.Terms.Currency
				item := loyalty.Item{Quantity: 1000, Unit: "piece", Amount: p.Total}
				for _, category := range o.Terms.Lines.Categories {
					item.Category = category
				}
				for _, sku := range o.Terms.Lines.SKUs {
					item.SKU = sku
				}
				p.Items = []loyalty.Item{item}
			})
		}
		c := loyaltytest.Command(fmt.Sprint("offered ", i), d.Card.ID, loyalty.Till{}, now, do, loyaltytest.AtOffice)
		_, err := loyalty.Decide(book.Read(loyaltytest.Keys([]*loyalty.Command{c})), c, now, loyaltytest.IDs("offered"))
		var refusal *loyalty.Refusal
		var code loyalty.Code
		if errors.As(err, &refusal) {
			code = refusal.Code
		}
		bounded := code == loyalty.InsufficientBalance || code == loyalty.RewardLimitReached || code == loyalty.RewardOutOfStock
		if bounded == o.Available || !o.Available && code != o.Why {
			t.Fatalf("%s is offered as available %t, %q, and redeeming it says %v", o.Name, o.Available, o.Why, err)
		}
	}
}
