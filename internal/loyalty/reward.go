package loyalty

import (
	"fmt"
	"time"
)

// RewardKind says what a reward is to whoever gets it.
type RewardKind string

// The kinds of rewards.
const (
	AnItem      RewardKind = ""            // something is handed out
	PercentOff  RewardKind = "percent_off" // a percentage comes off a purchase
	AmountOff   RewardKind = "amount_off"  // an amount does
	GiftCard    RewardKind = "gift_card"   // the merchant's own: a voucher that holds money
	PartnerCode RewardKind = "code"        // of another shop, out of the reward's pool
)

// isMoney reports whether a reward is worth an amount in a currency.
func (k RewardKind) isMoney() bool { return k == PercentOff || k == AmountOff || k == GiftCard }

// RewardTerms are what a reward is worth and when it is offered. Money is minor units
// of Currency.
type RewardTerms struct {
	Kind     RewardKind `json:"kind,omitempty"`
	Rate     int64      `json:"rate,omitempty"`     // PercentOff: basis points, 1000 is 10 %
	Rounding Rounding   `json:"rounding,omitempty"` // PercentOff: to minor units
	Most     int64      `json:"most,omitempty"`     // PercentOff: no more than this comes off; 0: any amount
	Amount   int64      `json:"amount,omitempty"`   // AmountOff: what comes off; GiftCard: what a new one holds
	Flexible Flexible   `json:"flexible,omitzero"`  // AmountOff for points: whoever redeems chooses the amount
	Currency string     `json:"currency,omitempty"` // ISO 4217, of kinds that are money
	Lines    Match      `json:"lines,omitzero"`     // PercentOff, AmountOff: off these lines of a purchase; empty: off all
	From     time.Time  `json:"from,omitzero"`      // units buy it from then on …
	Until    time.Time  `json:"until,omitzero"`     // … and no more from then on; a voucher has its own end
}

// Flexible is the price of an amount that is chosen when it is redeemed.
type Flexible struct {
	Units int64 `json:"units,omitempty"` // so many units …
	Per   int64 `json:"per,omitempty"`   // … for each so many minor units, rounded up
	Min   int64 `json:"min,omitempty"`   // minor units, at least 1
	Max   int64 `json:"max,omitempty"`   // minor units; 0: as much as the purchase costs
}

// cost is how many units the amount takes, rounded up; false for more than there can be.
func (f *Flexible) cost(amount int64) (int64, bool) {
	return inRange(Up.scale(amount, f.Units, f.Per))
}

// isSold reports whether units pay for the reward, as against vouchers alone.
func (r *Reward) isSold() bool { return r.Cost > 0 || r.Flexible != (Flexible{}) }

// IsItem reports whether a voucher is good for something that is handed out.
func (r *Rules) IsItem(v *Voucher) bool {
	reward, known := r.Reward(v.Reward)
	return v.Value == 0 && (!known || reward.TermsOf(v).Kind == AnItem)
}

// TermsOf are what the reward is worth to whoever has a voucher for it. One without a
// value was issued while what is a gift card now was an item, and stays good for that.
func (r *Reward) TermsOf(v *Voucher) RewardTerms {
	if r.Kind == GiftCard && v.Value == 0 {
		return RewardTerms{}
	}
	return r.RewardTerms
}

// TakesPurchase reports whether redeeming the reward needs the purchase.
func (r *Reward) TakesPurchase() bool { return r.Kind == PercentOff || r.Kind == AmountOff }

// IsOffered reports whether units can buy the reward at now, if there are enough.
func (r *Reward) IsOffered(now time.Time) bool { return r.isSold() && r.offered(now) == nil }

// offered holds that units can buy the reward at now. Errors: reward_not_offered.
func (r *Reward) offered(now time.Time) error {
	switch {
	case !r.From.IsZero() && now.Before(r.From):
		no := refuse(RewardNotOffered, "This reward is not offered yet.")
		no.RetryAt = r.From
		return no
	case !r.Until.IsZero() && !now.Before(r.Until):
		return refuse(RewardNotOffered, "This reward is offered no more.")
	}
	return nil
}

// Off is what the reward takes off a purchase of which nothing but
// Purchase.PaidWithReward is paid: from 1 to what is left to pay. chosen is the amount
// of a Flexible one, else 0. It expects PercentOff or AmountOff. Errors:
// purchase_required, purchase_invalid, currency_mismatch, amount_invalid,
// reward_not_applicable.
func (r *Reward) Off(p *Purchase, chosen int64) (int64, error) {
	base, err := r.base(p)
	if err != nil {
		return 0, err
	}
	off := int64(0)
	switch {
	case r.Kind == PercentOff && chosen != 0, r.Kind == AmountOff && chosen != 0 && r.Flexible == (Flexible{}):
		return 0, refuse(AmountInvalid, "What this reward takes off is fixed: leave out the amount.")
	case r.Kind == PercentOff:
		off, _ = r.Rounding.scale(base, r.Rate, MaxRate) // at most base
		if r.Most > 0 {
			off = min(off, r.Most)
		}
	case r.Flexible == (Flexible{}):
		off = min(r.Amount, base)
	default:
		if off, err = r.Flexible.chosen(chosen, base); err != nil {
			return 0, err
		}
	}
	if off == 0 {
		return 0, refuse(RewardNotApplicable, "This reward takes nothing off this purchase. It stays on the card.")
	}
	return off, nil
}

// base is how much of a purchase the reward can take something off.
func (r *Reward) base(p *Purchase) (int64, error) {
	if p == nil {
		return 0, refuse(PurchaseRequired, "This reward is taken off a purchase: give the purchase.")
	}
	if err := p.check(); err != nil {
		return 0, err
	}
	if p.Currency != r.Currency {
		return 0, refuse(CurrencyMismatch, "This reward is in "+r.Currency+", the purchase is in "+p.Currency+".")
	}
	left := p.Total - p.PaidWithReward
	if r.Lines.isEmpty() {
		return left, nil
	}
	if len(p.Items) == 0 {
		no := refuse(PurchaseRequired, "This reward is taken off some articles only: give the lines of the purchase.")
		no.Field = "purchase.items"
		return 0, no
	}
	var sum int64
	for i := range p.Items { // at most 500 × 10^12: no overflow
		if item := &p.Items[i]; r.Lines.has(item) {
			sum += item.Amount
		}
	}
	return min(max(0, sum), left), nil // nobody knows which lines a reward has paid
}

// chosen holds that an amount may be chosen. Errors: amount_invalid.
func (f *Flexible) chosen(amount, base int64) (int64, error) {
	most := base
	if f.Max > 0 {
		most = min(most, f.Max)
	}
	switch {
	case most < f.Min:
		no := refuse(RewardNotApplicable, fmt.Sprintf("This reward takes off at least %d, in minor units, and this purchase has less to pay.", f.Min))
		no.Least = f.Min
		return 0, no
	case amount < f.Min || amount > most:
		no := refuse(AmountInvalid, fmt.Sprintf("Choose what to take off: from %d to %d, in minor units.", f.Min, most))
		no.Least, no.Most = f.Min, most
		return 0, no
	}
	return amount, nil
}

// checkTerms is Rules.Check for what a reward is worth.
func (r *Rules) checkTerms(reward *Reward, bad func(field, problem string) error) error {
	amounts := reward.Kind == AmountOff || reward.Kind == GiftCard
	flexible := reward.Flexible != (Flexible{})
	switch t := &reward.RewardTerms; {
	case t.Kind != AnItem && t.Kind != PartnerCode && !t.Kind.isMoney():
		return bad("kind", "must be item, percent_off, amount_off, gift_card or code")
	case t.Kind == PartnerCode && reward.Limited:
		return bad("limited", "is not for codes: their pool is the stock")
	case reward.CodesLow < 0 || reward.CodesLow > MaxPool:
		return bad("codes_low", "must lie between 0 and 1000000")
	case reward.CodesLow > 0 && t.Kind != PartnerCode:
		return bad("codes_low", "is only for codes")
	case (t.Kind == PercentOff) != (t.Rate != 0) || t.Rate < 0 || t.Rate > MaxRate:
		return bad("rate", "must lie between 1 and 10000 hundredths of a percent for percent_off, and be absent otherwise")
	case t.Kind == PercentOff && t.Rounding != Down && t.Rounding != HalfUp && t.Rounding != Up:
		return bad("rounding", "must be down, half_up or up")
	case t.Kind != PercentOff && t.Rounding != "":
		return bad("rounding", "is only for percent_off")
	case t.Most < 0 || t.Most > MaxAmount || t.Most > 0 && t.Kind != PercentOff:
		return bad("most", "must be minor units, and is only for percent_off")
	case flexible && (t.Kind != AmountOff || r.Kind != Points):
		return bad("flexible", "is only for amount_off in a program of points")
	case flexible && reward.Cost != 0:
		return bad("cost", "stands in flexible where the amount is chosen")
	case (amounts && !flexible) != (t.Amount != 0) || t.Amount < 0 || t.Amount > MaxAmount:
		return bad("amount", "must be positive minor units for amount_off and gift_card, and absent otherwise or where it is flexible")
	case t.Currency != "" && !t.Kind.isMoney():
		return bad("currency", "is only for rewards that are worth money")
	case t.Kind.isMoney() && !isCurrency(t.Currency):
		return bad("currency", "must be an ISO 4217 code")
	case r.paysIn() != "" && t.Kind.isMoney() && t.Currency != r.paysIn():
		return bad("currency", "must be "+r.paysIn()+", as that of the program's purchases")
	case !t.Lines.isEmpty() && !reward.TakesPurchase():
		return bad("lines", "are only for percent_off and amount_off")
	case t.Kind == GiftCard && !reward.isSold() && (reward.PerCard != 0 || reward.PerMember != 0 || reward.Limited):
		return bad("kind", "has per_card, per_member and limited only where units pay: others are issued with the stamps")
	case (!t.From.IsZero() || !t.Until.IsZero()) && !reward.isSold():
		return bad("from", "is only for rewards that units pay: a voucher is good for valid_days")
	case !t.From.IsZero() && !t.Until.IsZero() && !t.From.Before(t.Until):
		return bad("until", "must come after from")
	}
	if flexible {
		return reward.Flexible.check(bad)
	}
	return nil
}

func (f *Flexible) check(bad func(field, problem string) error) error {
	switch {
	case f.Units <= 0 || f.Units > MaxUnits:
		return bad("flexible.units", "must be positive")
	case f.Per <= 0 || f.Per > MaxAmount:
		return bad("flexible.per", "must be positive minor units")
	case f.Min <= 0 || f.Min > MaxAmount:
		return bad("flexible.min", "must be positive minor units")
	case f.Max < 0 || f.Max > MaxAmount || f.Max != 0 && f.Max < f.Min:
		return bad("flexible.max", "must be minor units, and not below min")
	}
	return nil
}

// checkNextRewards is CheckNext for rewards that vouchers may stand for: money or codes
// that customers were promised stay what they were, and no pool of codes that were
// bought is left behind.
func (p *Program) checkNextRewards(next *Rules) error {
	for i := range p.Rewards {
		before := &p.Rewards[i]
		if before.Kind == AnItem {
			continue
		}
		after, there := next.Reward(before.ID)
		if !there {
			return &FieldError{Field: "rewards", Problem: "must keep " + before.Name + " while there are cards: customers may have it. Offer it no more with until, or name another one for a full card"}
		}
		for j := range next.Rewards {
			field := fmt.Sprintf("rewards[%d].", j)
			switch {
			case &next.Rewards[j] != after:
			case after.Kind != before.Kind:
				return &FieldError{Field: field + "kind", Problem: "is " + string(before.Kind) + " and stays so while there are cards: make another reward"}
			case after.Currency != before.Currency:
				return &FieldError{Field: field + "currency", Problem: "is " + before.Currency + " and stays so while there are cards: make another reward"}
			}
		}
	}
	return nil
}
