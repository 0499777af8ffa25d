package api

import (
	"cmp"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// termsOf is what a reward is worth, as the i-th of a body's rewards says it.
func termsOf(i int, body *gen.RewardRule) (loyalty.RewardTerms, error) {
	terms := loyalty.RewardTerms{
		Kind: loyalty.RewardKind(body.Kind), Rate: body.Rate, Rounding: loyalty.Rounding(body.Rounding), Most: body.Most,
		Amount: body.Amount, Flexible: body.Flexible, Currency: body.Currency, Lines: body.Lines,
	}
	if body.Kind == gen.RewardKindItem {
		terms.Kind = loyalty.AnItem
	}
	var err error
	if terms.From, err = timeIn(fmt.Sprintf("rules.rewards[%d].from", i), body.From); err != nil {
		return terms, err
	}
	terms.Until, err = timeIn(fmt.Sprintf("rules.rewards[%d].until", i), body.Until)
	return terms, err
}

// readFlexible holds that it is said what an amount costs, and what the least is.
func readFlexible(from *jsontext.Decoder, into *loyalty.Flexible) error {
	type plain loyalty.Flexible
	price := plain{Units: absent, Per: absent, Min: absent}
	if err := json.UnmarshalDecode(from, &price); err != nil {
		return err
	}
	switch {
	case price.Units == absent:
		return missingIn(from, "units")
	case price.Per == absent:
		return missingIn(from, "per")
	case price.Min == absent:
		return missingIn(from, "min")
	}
	*into = loyalty.Flexible(price)
	return nil
}

// rewardRuleView writes a reward down as rewardsOf reads it.
func rewardRuleView(r *loyalty.Reward) gen.RewardRule {
	return gen.RewardRule{
		ID: r.ID, Key: r.Key, Name: r.Name, Cost: r.Cost, Limited: r.Limited, PerCard: r.PerCard, PerMember: r.PerMember, ValidDays: r.ValidIn, CodesLow: r.CodesLow, Only: onlyView(&r.Only),
		Kind: gen.RewardKind(r.Kind), Rate: r.Rate, Rounding: gen.Rounding(r.Rounding), Most: r.Most, Amount: r.Amount,
		Flexible: r.Flexible, Currency: r.Currency, Lines: r.Lines, From: timeView(r.From), Until: timeView(r.Until),
	}
}

func rewardView(r *loyalty.Reward) gen.Reward {
	return gen.Reward{
		ID: r.ID, Name: r.Name, Cost: r.Cost, PerCard: r.PerCard, PerMember: r.PerMember, ValidDays: r.ValidIn, Only: onlyView(&r.Only),
		Kind: gen.RewardKind(r.Kind), Rate: r.Rate, Most: r.Most, Amount: r.Amount, Flexible: r.Flexible, Currency: r.Currency, Lines: r.Lines,
		From: r.From, Until: r.Until,
	}
}

func offerView(o *loyalty.Offer) gen.Offer {
	view := gen.Offer{
		Reward: o.Reward, Name: o.Name, Voucher: o.Voucher, Cost: o.Cost, Available: o.Available, Refused: o.Refused,
		Kind: gen.RewardKind(o.Terms.Kind), Rate: o.Terms.Rate, Most: o.Terms.Most, Amount: cmp.Or(o.Left, o.Terms.Amount),
		Flexible: o.Terms.Flexible, Currency: o.Terms.Currency, Lines: o.Terms.Lines, ReservedUntil: o.HeldUntil,
		Chosen: chosenView(o),
	}
	if o.Needs != loyalty.NoRole {
		view.NeedsPIN = gen.Role(o.Needs.String())
	}
	view.Reason = gen.ProblemCode(o.Why)
	return view
}

// takenOff tells what a redemption took off its purchase.
func takenOff(view *gen.Posting, c *loyalty.Command, entry *loyalty.Entry) {
	do, redeems := c.Do.(loyalty.Redemption)
	if !redeems || entry.Counted.Off == 0 {
		return
	}
	view.Off = entry.Counted.Off
	if p := do.Purchase; p != nil {
		pay := p.Total - p.PaidWithReward - entry.Counted.Off
		view.Pay = &pay
	}
}
