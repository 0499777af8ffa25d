package loyaltytest

import (
	"fmt"
	"math"
	"slices"
	"time"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

// command draws one. Codes, purchases and entries are drawn from few, so that
// they come again.
func (p *Play) command(t *rapid.T) *loyalty.Command {
	p.commands++
	name := fmt.Sprint(p.name, " command ", p.commands)
	card := choose(t, "card", p.cards...)
	till := choose(t, "till", p.tills...)
	role := choose(t, "role", loyalty.NoRole, loyalty.NoRole, loyalty.Cashier, loyalty.Manager)
	changes := []func(*loyalty.Command){Approved(role)}
	do := p.action(t, card)
	switch do := do.(type) {
	case loyalty.Claiming:
		code := p.Book.Claims[do.Claim]
		return Command(name, card, till, p.now, do, code.Present)
	case loyalty.Earning, loyalty.Redemption, loyalty.Reserving, loyalty.Granting, loyalty.OpeningBalance:
		changes = append(changes, p.code(t, card, name))
		changes = append(changes, choose(t, "manner",
			as, as, as, as, as, ByHandle, ScannedAgo(3*time.Minute), ScannedAgo(20*time.Minute), AtOffice))
	default:
		if rapid.Bool().Draw(t, "at the office") {
			changes = append(changes, AtOffice)
		}
	}
	return Command(name, card, till, p.now, do, changes...)
}

// as leaves a command as it is.
func as(*loyalty.Command) {}

// code draws what is presented: mostly something fresh, or what was shown before.
func (p *Play) code(t *rapid.T, card loyalty.CardID, name string) func(*loyalty.Command) {
	shown := p.codes[card]
	if len(shown) > 0 && rapid.IntRange(0, 5).Draw(t, "again") == 0 {
		return choose(t, "which", shown...)
	}
	code := Presenting(name)
	if rapid.IntRange(0, 3).Draw(t, "static") == 0 {
		surface := choose(t, "surface", loyalty.Wallet, loyalty.Print)
		generation := choose[int32](t, "generation", 1, 1, 1, 2, 3)
		show, text := code, Photographable(surface, generation)
		if surface == loyalty.Wallet && rapid.Bool().Draw(t, "by phone") {
			text = ByPhone(choose(t, "phone", loyalty.VAS, loyalty.SmartTap), generation)
		}
		code = func(c *loyalty.Command) { show(c); text(c) }
	}
	p.codes[card] = append(shown, code)
	return code
}

func (p *Play) action(t *rapid.T, card loyalty.CardID) loyalty.Action {
	if p.Book.Programs[p.Book.Cards[card].Program].Kind == loyalty.Discount && rapid.Bool().Draw(t, "a discount") {
		return p.granting(t)
	}
	switch rapid.IntRange(0, 25).Draw(t, "action") {
	case 20, 21:
		return p.worthMoney(t, p.redemption(t, card, choose(t, "reward", p.gift(), p.cut())))
	case 22, 23:
		do := p.redemption(t, card, choose(t, "reward", p.big(), p.gift()))
		return loyalty.Reserving{Reward: do.Reward, Voucher: do.Voucher, Release: rapid.IntRange(0, 3).Draw(t, "release") == 0}
	case 25:
		if rapid.IntRange(0, 3).Draw(t, "take back") == 0 {
			return loyalty.Choosing{Drop: true}
		}
		do := p.redemption(t, card, choose(t, "reward", p.big(), p.gift(), p.cut()))
		do.Amount = rapid.Int64Range(0, 300).Draw(t, "amount chosen")
		return loyalty.Choosing{Redemption: do}
	case 17, 18:
		return p.refunding(t, card)
	case 19:
		return loyalty.Lapse{}
	case 0, 1, 2, 3, 4:
		return p.earning(t, card)
	case 14, 15:
		return p.claiming(t, card)
	case 5, 6:
		return loyalty.Redemption{Reward: choose(t, "reward", p.big(), p.small(), p.partner())}
	case 7, 8:
		return p.byVoucher(t, card)
	case 9, 10, 11:
		return p.reversal(t, card)
	case 12:
		return loyalty.Adjustment{Units: units(t), Note: "so it is"}
	case 16:
		return p.granting(t)
	case 13:
		return loyalty.Merger{Into: choose(t, "into", p.cards...)}
	}
	return loyalty.OpeningBalance{Units: units(t), Spend: choose[int64](t, "spent before", 0, 0, 5000, -1)}
}

func (p *Play) granting(t *rapid.T) loyalty.Action { return loyalty.Granting{Purchase: p.purchase(t)} }

// claiming is of a code that some till has given out now, or before.
func (p *Play) claiming(t *rapid.T, card loyalty.CardID) loyalty.Action {
	if len(p.claims) > 0 && rapid.IntRange(0, 2).Draw(t, "an older code") == 0 {
		code := p.Book.Claims[choose(t, "which", p.claims...)]
		return loyalty.Claiming{Claim: code.ID, Earning: code.Earning}
	}
	earning := p.earning(t, card)
	name := fmt.Sprint(p.name, " claim ", len(p.claims))
	c := Command(name, card, choose(t, "till", p.tills...), p.now, earning)
	code, err := loyalty.IssueClaim(p.Book.Programs[p.Book.Cards[card].Program], p.Book.Tills[c.Till], *c, loyalty.EntryID{})
	if err != nil {
		return earning
	}
	code.ID = ID(name)
	p.claims = append(p.claims, code.ID)
	p.Book.Claims[code.ID] = code
	return loyalty.Claiming{Claim: code.ID, Earning: code.Earning}
}

// earning is mostly what the program asks for.
func (p *Play) earning(t *rapid.T, card loyalty.CardID) loyalty.Action {
	by := p.Book.Programs[p.Book.Cards[card].Program].Earn.By
	if rapid.IntRange(0, 9).Draw(t, "nonsense") == 0 {
		by = choose(t, "by", loyalty.ByUnits, loyalty.ByVisit, loyalty.BySpend)
	}
	earning := loyalty.Earning{}
	if by == loyalty.BySpend || rapid.IntRange(0, 3).Draw(t, "with a purchase") == 0 {
		earning.Purchase = p.purchase(t)
	}
	if by == loyalty.ByUnits {
		earning.Units = rapid.Int64Range(0, 15).Draw(t, "units")
	}
	return earning
}

// refunding is of some earn or grant of the card, in whole, by amount or by lines.
func (p *Play) refunding(t *rapid.T, card loyalty.CardID) loyalty.Action {
	entries := slices.DeleteFunc(slices.Clone(p.Book.Entries[card]), func(e loyalty.Entry) bool { return e.Kind != loyalty.Earn && e.Kind != loyalty.Grant })
	if len(entries) == 0 {
		return loyalty.Refunding{Entry: loyalty.EntryID(ID("no such entry"))}
	}
	e := choose(t, "entry", entries...)
	do := loyalty.Refunding{Entry: e.ID, Detail: p.Book.Details[e.ID], Most: rapid.Bool().Draw(t, "most")}
	switch rapid.IntRange(0, 3).Draw(t, "part") {
	case 0, 1:
		do.Amount = rapid.Int64Range(0, 900).Draw(t, "amount")
	case 2:
		do.Lines = []int64{rapid.Int64Range(0, 3).Draw(t, "line")}
	}
	return do
}

func units(t *rapid.T) int64 {
	return rapid.OneOf(
		rapid.Int64Range(-12, 12),
		rapid.SampledFrom([]int64{loyalty.MaxUnits, -loyalty.MaxUnits, math.MaxInt64, math.MinInt64}),
	).Draw(t, "units")
}

func (p *Play) purchase(t *rapid.T) *loyalty.Purchase {
	ref := fmt.Sprint(p.name, " receipt ", rapid.IntRange(0, 9).Draw(t, "receipt"))
	return Purchase(ref, rapid.Int64Range(0, 2000).Draw(t, "total"), func(purchase *loyalty.Purchase) {
		purchase.PaidWithReward = rapid.Int64Range(0, purchase.Total).Draw(t, "paid with reward")
		purchase.Items = []loyalty.Item{
			{Unit: "piece", Category: "bread", Quantity: rapid.Int64Range(0, 9000).Draw(t, "quantity"), Amount: rapid.Int64Range(-100, 1500).Draw(t, "amount")},
			{Unit: "litre", Quantity: 1000, Amount: 300},
		}
		if rapid.IntRange(0, 3).Draw(t, "adds up") > 0 {
			purchase.Items[1].Amount = purchase.Total - purchase.Items[0].Amount
		}
	})
}

func (p *Play) byVoucher(t *rapid.T, card loyalty.CardID) loyalty.Redemption {
	vouchers := p.Book.Vouchers[card]
	if len(vouchers) == 0 {
		return loyalty.Redemption{Reward: p.big(), Voucher: loyalty.VoucherID(ID("no such voucher"))}
	}
	v := choose(t, "voucher", vouchers...)
	return loyalty.Redemption{Reward: v.Reward, Voucher: v.ID}
}

// redemption is by reward or by one of the card's vouchers.
func (p *Play) redemption(t *rapid.T, card loyalty.CardID, reward loyalty.RewardID) loyalty.Redemption {
	if rapid.Bool().Draw(t, "by voucher") {
		return p.byVoucher(t, card)
	}
	return loyalty.Redemption{Reward: reward}
}

// worthMoney adds a purchase or an amount, mostly.
func (p *Play) worthMoney(t *rapid.T, do loyalty.Redemption) loyalty.Redemption {
	if rapid.IntRange(0, 3).Draw(t, "with a purchase") > 0 {
		do.Purchase = p.purchase(t)
		do.Purchase.Currency = choose(t, "currency", "EUR", "EUR", "EUR", "PLN")
	}
	do.Amount = choose(t, "amount", 0, 0, rapid.Int64Range(1, 400).Draw(t, "amount"))
	return do
}

// reversal is of any entry of the card, mostly of one that can be voided, or now
// and then of another card's.
func (p *Play) reversal(t *rapid.T, card loyalty.CardID) loyalty.Action {
	of := card
	if rapid.IntRange(0, 9).Draw(t, "nonsense") == 0 {
		of = choose(t, "card", p.cards...)
	}
	entries := slices.Clone(p.Book.Entries[of])
	if rapid.IntRange(0, 5).Draw(t, "any kind") > 0 {
		entries = slices.DeleteFunc(entries, func(e loyalty.Entry) bool {
			return e.Kind == loyalty.Void || e.Kind == loyalty.Complete || e.Kind == loyalty.Expire || e.Kind == loyalty.Refund
		})
	}
	if len(entries) == 0 {
		return loyalty.Reversal{Entry: loyalty.EntryID(ID("no such entry"))}
	}
	e := choose(t, "entry", entries...)
	return loyalty.Reversal{Entry: e.ID, Reward: e.Reward}
}
