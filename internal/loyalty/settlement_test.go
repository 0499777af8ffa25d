package loyalty_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// The rewards of the coalitions below, by what they are.
var (
	ticket = loyaltytest.Topping
	card   = loyalty.RewardID(loyaltytest.ID("gift card"))
	code   = loyaltytest.Partner
)

// settled are three versions: one from before there were partners, and two in which
// points are worth different money.
func settled() map[int32]loyalty.Rules {
	versions := map[int32]loyalty.Rules{}
	for version, rule := range map[int32]*loyalty.CoalitionRule{
		1: nil, 2: {Units: 3, Value: 7, Currency: "EUR"}, 3: {Units: 1, Value: 2, Currency: "EUR"},
	} {
		versions[version] = loyalty.Rules{Coalition: rule, Rewards: []loyalty.Reward{
			{ID: ticket},
			{ID: code, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}},
			{ID: card, RewardTerms: loyalty.RewardTerms{Kind: loyalty.GiftCard, Amount: 1000, Currency: "EUR"}},
		}}
	}
	return versions
}

// Who pays for a reward settles it: the till that hands something out is paid for it,
// and points that buy money or a code of the operator's are the operator's.
func TestWhoIsPaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		t        loyalty.Turnover
		operator loyalty.Line
		partner  loyalty.Line
	}{
		"points": {
			t:       loyalty.Turnover{Kind: loyalty.Earn, Units: 100, Entries: 2},
			partner: loyalty.Line{Share: loyalty.Share{Issued: 100}, Pays: 200},
		},
		"points taken back": {
			t:       loyalty.Turnover{Kind: loyalty.Void, Of: loyalty.Earn, Units: -100, Entries: 2},
			partner: loyalty.Line{Share: loyalty.Share{TakenBack: 100}, Pays: -200},
		},
		"a refund": {
			t:       loyalty.Turnover{Kind: loyalty.Refund, Of: loyalty.Earn, Units: -40, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{TakenBack: 40}, Pays: -80},
		},
		"an item": {
			t:       loyalty.Turnover{Kind: loyalty.Redeem, Reward: ticket, Units: -50, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{Redeemed: 50, Redemptions: 1}, Gets: 100},
		},
		"an item for a voucher": {
			t:       loyalty.Turnover{Kind: loyalty.Redeem, Reward: ticket, ByVoucher: true, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{Redemptions: 1}},
		},
		"an item that has left the catalogue": {
			t:       loyalty.Turnover{Kind: loyalty.Redeem, Reward: loyaltytest.ID("gone"), ByVoucher: true, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{Redemptions: 1}},
		},
		"an item that has become a gift card": {
			t:       loyalty.Turnover{Kind: loyalty.Redeem, Reward: card, ByVoucher: true, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{Redemptions: 1}},
		},
		"an item that has become a gift card, taken back": {
			t:       loyalty.Turnover{Kind: loyalty.Void, Of: loyalty.Redeem, Reward: card, ByVoucher: true, Entries: 1},
			partner: loyalty.Line{Share: loyalty.Share{Redemptions: -1}},
		},
		"a gift card bought": {
			t:        loyalty.Turnover{Kind: loyalty.Redeem, Reward: card, Units: -500, Entries: 1},
			operator: loyalty.Line{Share: loyalty.Share{Redeemed: 500, Redemptions: 1}, Gets: 1000},
		},
		"a gift card used": {
			t:       loyalty.Turnover{Kind: loyalty.Redeem, Reward: card, ByVoucher: true, Off: 700, Entries: 2},
			partner: loyalty.Line{Share: loyalty.Share{Cards: 700}, Gets: 700},
		},
		"a gift card given its money back": {
			t:       loyalty.Turnover{Kind: loyalty.Void, Of: loyalty.Redeem, Reward: card, ByVoucher: true, Off: -700, Entries: 2},
			partner: loyalty.Line{Share: loyalty.Share{Cards: -700}, Gets: -700},
		},
		"a gift card taken back": {
			t:        loyalty.Turnover{Kind: loyalty.Void, Of: loyalty.Redeem, Reward: card, Units: 500, Entries: 1},
			operator: loyalty.Line{Share: loyalty.Share{GivenBack: 500, Redemptions: -1}, Gets: -1000},
		},
		"a code": {
			t:        loyalty.Turnover{Kind: loyalty.Redeem, Reward: code, Units: -500, Entries: 1},
			operator: loyalty.Line{Share: loyalty.Share{Redeemed: 500, Redemptions: 1}, Gets: 1000},
		},
		"what a partner's till found overdue": {
			t:        loyalty.Turnover{Kind: loyalty.Expire, Units: -30, Entries: 1},
			operator: loyalty.Line{Share: loyalty.Share{Other: -30}},
		},
	} {
		tt.t.Merchant, tt.t.Version = loyaltytest.Stranger, 3
		tt.operator.Merchant, tt.partner.Merchant = loyaltytest.Merchant, loyaltytest.Stranger
		want := []loyalty.Line{tt.operator, tt.partner}
		if tt.partner == (loyalty.Line{Share: loyalty.Share{Merchant: loyaltytest.Stranger}}) {
			want = want[:1]
		}
		lines, err := loyalty.Settle(loyaltytest.Merchant, []loyalty.Turnover{tt.t}, settled())
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("%s: %v\n%+v, want\n%+v", name, err, lines, want)
		}
	}
	huge := []loyalty.Turnover{{Version: 3, Kind: loyalty.Earn, Units: 1 << 62}}
	if lines, err := loyalty.Settle(loyaltytest.Merchant, huge, settled()); !errors.Is(err, loyalty.ErrNotSettled) {
		t.Errorf("%v, %+v", err, lines)
	}
}

// drawTurnovers draws what may be in a ledger: what takes something back is of an earn, a
// redemption or an adjustment.
func drawTurnovers(t *rapid.T) []loyalty.Turnover {
	merchants := []loyalty.MerchantID{loyaltytest.Merchant, loyaltytest.Stranger, loyaltytest.ID("third")}
	kinds := []loyalty.EntryKind{
		loyalty.Earn, loyalty.Redeem, loyalty.Expire, loyalty.Void, loyalty.Adjust, loyalty.Opening, loyalty.Merge, loyalty.Refund,
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) loyalty.Turnover {
		o := loyalty.Turnover{
			Merchant: rapid.SampledFrom(merchants).Draw(t, "merchant"), Version: rapid.Int32Range(1, 3).Draw(t, "version"),
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Units: rapid.Int64Range(-1000, 1000).Draw(t, "units"), Entries: 1,
		}
		switch o.Kind {
		case loyalty.Void:
			o.Of = rapid.SampledFrom([]loyalty.EntryKind{loyalty.Earn, loyalty.Redeem, loyalty.Adjust}).Draw(t, "of")
		case loyalty.Refund:
			o.Of = loyalty.Earn
		}
		if o.Kind == loyalty.Redeem || o.Of == loyalty.Redeem {
			o.Reward = rapid.SampledFrom([]loyalty.RewardID{ticket, card, code}).Draw(t, "reward")
			if o.ByVoucher = rapid.Bool().Draw(t, "by voucher"); o.ByVoucher {
				o.Units, o.Off = 0, rapid.Int64Range(-500, 500).Draw(t, "off")
			}
		}
		return o
	}), 0, 20).Draw(t, "turnovers")
}

// Whatever was posted, the lines add up to it: no unit and no cent of a gift card counts
// twice, or not at all.
func TestSettlementAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		turnovers := drawTurnovers(t)
		lines, err := loyalty.Settle(loyaltytest.Merchant, turnovers, settled())
		if err != nil || lines[0].Merchant != loyaltytest.Merchant {
			t.Fatalf("%v, %+v", err, lines)
		}
		type sums struct{ all, earned, redeemed, cards int64 }
		var posted, told sums
		for _, o := range turnovers {
			posted.all += o.Units
			switch {
			case o.Kind == loyalty.Earn || o.Of == loyalty.Earn:
				posted.earned += o.Units
			case o.Kind == loyalty.Redeem || o.Of == loyalty.Redeem:
				posted.redeemed -= o.Units
				if o.Reward == card {
					posted.cards += o.Off
				}
			}
		}
		for i := range lines {
			l := &lines[i]
			told.all += l.Sum()
			told.earned += l.Issued - l.TakenBack
			told.redeemed += l.Redeemed - l.GivenBack
			told.cards += l.Cards
			if i > 0 && l.Other != 0 {
				t.Errorf("a partner's line has what is the operator's: %+v", *l)
			}
		}
		if posted != told {
			t.Errorf("posted %+v, the lines are %+v", posted, told)
		}
	})
}

// What is due for each is what its points are worth by the version that decided, to half
// a minor unit for each of two sums of a version.
func TestSettlementIsWorth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		turnovers := drawTurnovers(t)
		lines, err := loyalty.Settle(loyaltytest.Merchant, turnovers, settled())
		if err != nil {
			t.Fatal(err)
		}
		worth := map[int32]*big.Rat{1: new(big.Rat), 2: big.NewRat(7, 3), 3: big.NewRat(2, 1)}
		exact := map[loyalty.MerchantID]*big.Rat{}
		for _, o := range turnovers {
			who, due := o.Merchant, new(big.Rat)
			switch {
			case o.Reward == card && o.ByVoucher:
				due.SetInt64(o.Off)
			case o.Kind == loyalty.Earn || o.Kind == loyalty.Redeem || o.Of == loyalty.Earn || o.Of == loyalty.Redeem:
				due.Mul(big.NewRat(-o.Units, 1), worth[o.Version])
				if o.Reward == card || o.Reward == code {
					who = loyaltytest.Merchant
				}
			}
			if exact[who] == nil {
				exact[who] = new(big.Rat)
			}
			exact[who].Add(exact[who], due)
		}
		for i := range lines {
			if exact[lines[i].Merchant] == nil {
				exact[lines[i].Merchant] = new(big.Rat)
			}
			off := new(big.Rat).Sub(big.NewRat(lines[i].Due(), 1), exact[lines[i].Merchant])
			if off.Abs(off).Cmp(big.NewRat(1, 1)) > 0 {
				t.Errorf("%+v: %d is due instead of %s", lines[i], lines[i].Due(), exact[lines[i].Merchant].FloatString(2))
			}
		}
	})
}

// How entries are put together, and in which order they come, is nothing to anybody.
func TestSettlementInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		turnovers := drawTurnovers(t)
		lines, err := loyalty.Settle(loyaltytest.Merchant, turnovers, settled())
		if err != nil {
			t.Fatal(err)
		}
		var parts []loyalty.Turnover
		for _, o := range turnovers {
			rest := o
			o.Units, o.Entries = rapid.Int64Range(-9, 9).Draw(t, "units"), 3
			o.Off *= rapid.Int64Range(2, 9).Draw(t, "times off") // of both parts some, or none any
			rest.Units, rest.Off, rest.Entries = rest.Units-o.Units, rest.Off-o.Off, rest.Entries-3
			parts = append(parts, o, rest)
		}
		parts = rapid.Permutation(parts).Draw(t, "order")
		if again, err := loyalty.Settle(loyaltytest.Merchant, parts, settled()); err != nil || !slices.Equal(again, lines) {
			t.Errorf("%v\n%+v\n%+v", err, again, lines)
		}
	})
}
