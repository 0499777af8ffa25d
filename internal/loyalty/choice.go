package loyalty

import (
	"errors"
	"fmt"
	"time"
)

// Choice is what a card's holder wishes to redeem next, and how much of it. It reserves
// and spends nothing: whoever scans the card is shown it, and does as they see fit.
type Choice struct {
	Reward  RewardID
	Voucher VoucherID // zero: units pay
	Amount  int64     // minor units of a gift card, or of a Flexible reward; 0: all that there is
	Until   time.Time // from here on it is forgotten
}

// ChoiceLife is how long a choice holds: from the queue to the till.
const ChoiceLife = 5 * time.Minute

// Choosing says what the card's holder wishes to redeem next, instead of what was wished
// before, or takes that back.
type Choosing struct {
	Redemption
	Drop bool
}

// IsZero reports whether nothing was chosen.
func (c *Choice) IsZero() bool { return c.Until.IsZero() }

// at is the choice at a moment; zero when it has ended.
func (c Choice) at(now time.Time) Choice {
	if !now.Before(c.Until) {
		return Choice{}
	}
	return c
}

// choose notes what the holder wishes, if redeeming it now would go well: as far as
// that can be known before there is a bill.
func (d *deciding) choose(do Choosing) error {
	d.card.Choice = Choice{}
	if do.Drop {
		return nil
	}
	trial, err := decidingOn(d.facts, d.cmd, d.card.ID, d.now, d.newID)
	if err != nil {
		return err
	}
	trial.letGo()
	do.Purchase = d.billFor(do.Reward)
	if err := trial.handOver(do.Redemption); err != nil {
		return d.refuseChoice(do.Redemption, err)
	}
	d.card.Choice = Choice{
		Reward: do.Reward, Voucher: trial.out.Primary(Redeem).Voucher, Amount: do.Amount, Until: d.now.Add(ChoiceLife),
	}
	return nil
}

// refuseChoice is what the customer is told, who has no bill yet: of an amount that can
// be chosen freely, how much it may be.
func (d *deciding) refuseChoice(do Redemption, err error) error {
	reward, known := d.rules.Reward(do.Reward)
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Code != AmountInvalid || !known || reward.Flexible == (Flexible{}) {
		return err
	}
	offer := Offer{Terms: reward.RewardTerms}
	least, most := offer.Choosable(d.card.Spendable(d.state.Program, d.lots, d.now))
	if cost, _ := reward.Flexible.cost(least); most < least && reward.Flexible.Max == 0 {
		return d.pay(cost)
	}
	return refuse(AmountInvalid, fmt.Sprintf("Choose how much: from %d to %d, in minor units of %s.", least, most, reward.Currency))
}

// billFor is a purchase large enough for a reward that is taken off one; nil for others.
func (d *deciding) billFor(id RewardID) *Purchase {
	reward, known := d.rules.Reward(id)
	if !known || !reward.TakesPurchase() {
		return nil
	}
	bill := &Purchase{Ref: "choice", Total: MaxAmount, Currency: reward.Currency}
	line := Item{Quantity: 1000, Unit: "piece", Amount: bill.Total}
	switch lines := &reward.Lines; {
	case len(lines.Categories) > 0:
		line.Category = lines.Categories[0]
	case len(lines.SKUs) > 0:
		line.SKU = lines.SKUs[0]
	default:
		return bill
	}
	bill.Items = []Item{line}
	return bill
}

// chose uses the choice up of a reward that is handed out.
func (d *deciding) chose(reward RewardID) {
	if d.card.Choice.Reward == reward {
		d.card.Choice = Choice{}
	}
}

// forgetChoice lets a choice go that has ended, and notes whether it is another one
// than before.
func (d *deciding) forgetChoice() {
	d.card.Choice = d.card.Choice.at(d.now)
	d.out.Rechosen = d.card.Choice != d.state.Card.Choice
}

// markChosen tells the offer that the holder chose, where it still can be had as chosen.
func markChosen(offers []Offer, choice Choice, balance int64, now time.Time) {
	if choice = choice.at(now); choice.IsZero() {
		return
	}
	for i := range offers {
		o := &offers[i]
		if o.Reward == choice.Reward && o.Voucher == choice.Voucher && o.Available && !o.Refused && o.allows(choice.Amount, balance) {
			o.Chosen = choice
		}
	}
}

// allows reports whether so many minor units of the offer can be had; 0 is all of it.
func (o *Offer) allows(amount, balance int64) bool {
	if o.Terms.Flexible == (Flexible{}) {
		return amount == 0 || amount <= o.Left
	}
	least, most := o.Choosable(balance)
	return amount >= least && amount <= most
}

// ChosenCost is how many units a chosen offer takes; 0 where a voucher pays.
func (o *Offer) ChosenCost() int64 {
	if o.Terms.Flexible == (Flexible{}) || !o.Voucher.IsZero() {
		return o.Cost
	}
	cost, _ := o.Terms.Flexible.cost(o.Chosen.Amount) // a card holds as much
	return cost
}

// Choosable is from how many to how many minor units of an offer can be chosen, with so
// many units on the card. Where most is below least, which is so where the offer is had
// whole, there is nothing to choose.
func (o *Offer) Choosable(balance int64) (least, most int64) {
	f := &o.Terms.Flexible
	switch {
	case o.Left > 0:
		return 1, o.Left
	case *f == (Flexible{}):
		return 1, 0
	}
	most, fits := Down.scale(max(0, balance), f.Per, f.Units)
	if !fits || most > MaxAmount {
		most = MaxAmount
	}
	if f.Max > 0 {
		most = min(most, f.Max)
	}
	return f.Min, most
}
