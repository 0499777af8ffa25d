package loyaltytest

import (
	"fmt"
	"math"
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
	switch do.(type) {
	case loyalty.Earning, loyalty.Redemption:
		changes = append(changes, p.code(t, card, name))
		changes = append(changes, choose(t, "manner", as, as, ByHandle, ScannedAgo(3*time.Minute), ScannedAgo(20*time.Minute), AtOffice))
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
	if len(shown) > 0 && rapid.IntRange(0, 2).Draw(t, "again") == 0 {
		return choose(t, "which", shown...)
	}
	code := Presenting(name)
	if rapid.IntRange(0, 2).Draw(t, "static") == 0 {
		surface := choose(t, "surface", loyalty.Wallet, loyalty.Print)
		show, text := code, Photographable(surface, rapid.Int32Range(1, 3).Draw(t, "generation"))
		code = func(c *loyalty.Command) { show(c); text(c) }
	}
	p.codes[card] = append(shown, code)
	return code
}

func (p *Play) action(t *rapid.T, card loyalty.CardID) loyalty.Action {
	switch rapid.IntRange(0, 12).Draw(t, "action") {
	case 0, 1, 2, 3:
		return loyalty.Earning{Units: rapid.Int64Range(0, 15).Draw(t, "units")}
	case 4, 5:
		return loyalty.Earning{Purchase: p.purchase(t)}
	case 6, 7:
		return loyalty.Redemption{Reward: choose(t, "reward", p.big(), p.small())}
	case 8:
		return p.byVoucher(t, card)
	case 9, 10:
		return p.reversal(t, card)
	case 11:
		return loyalty.Adjustment{Units: units(t), Note: "so it is"}
	}
	return loyalty.OpeningBalance{Units: units(t)}
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
		purchase.Items = []loyalty.Item{{Unit: "piece", Quantity: rapid.Int64Range(0, 9000).Draw(t, "quantity")}}
	})
}

func (p *Play) byVoucher(t *rapid.T, card loyalty.CardID) loyalty.Action {
	vouchers := p.Book.Vouchers[card]
	if len(vouchers) == 0 {
		return loyalty.Redemption{Reward: p.big(), Voucher: loyalty.VoucherID(ID("no such voucher"))}
	}
	v := choose(t, "voucher", vouchers...)
	return loyalty.Redemption{Reward: v.Reward, Voucher: v.ID}
}

// reversal is of any entry of the card, or now and then of another card's.
func (p *Play) reversal(t *rapid.T, card loyalty.CardID) loyalty.Action {
	if rapid.IntRange(0, 9).Draw(t, "of another card") == 0 {
		card = choose(t, "card", p.cards...)
	}
	entries := p.Book.Entries[card]
	if len(entries) == 0 {
		return loyalty.Reversal{Entry: loyalty.EntryID(ID("no such entry"))}
	}
	e := choose(t, "entry", entries...)
	return loyalty.Reversal{Entry: e.ID, Reward: e.Reward}
}
