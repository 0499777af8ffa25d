package loyalty

import (
	"fmt"
	"time"
)

// counted is what of a purchase may earn.
type counted struct {
	paid   int64 // minor units: without excluded lines and what a reward paid
	pieces int64 // whole ones
	none   bool  // there are lines, and all are excluded
}

// count leaves out what the program excludes.
func (p *Program) count(purchase *Purchase) counted {
	if len(purchase.Items) == 0 || !p.readsLines() {
		return counted{paid: purchase.Total - purchase.PaidWithReward, pieces: purchase.pieces(&Match{})}
	}
	exclude := &p.Earn.Exclude
	c := counted{pieces: purchase.pieces(exclude), none: true}
	for i := range purchase.Items {
		if item := &purchase.Items[i]; !exclude.has(item) {
			c.paid += item.Amount
			c.none = false
		}
	}
	c.paid = max(0, min(c.paid, purchase.Total)-purchase.PaidWithReward)
	return c
}

// withBonuses adds what the program's bonuses give to the base. Errors:
// nothing_to_earn, units_out_of_range.
func (d *deciding) withBonuses(base int64, c counted, do Earning) (int64, error) {
	if !d.rules.Earn.bonusesOnly() {
		d.explain(Reason{Units: base, Why: BaseRate})
	}
	units := base
	var around *Circumstances
	for i := range d.rules.Earn.Bonuses {
		b := &d.rules.Earn.Bonuses[i]
		if condition := d.state.Program.condition(i); condition != nil {
			if around == nil {
				around = d.circumstances(base, do.Purchase)
			}
			holds, err := condition.Holds(around)
			if err != nil {
				d.explain(Reason{Rule: b.Name, Why: RuleFailed, Says: err.Error()})
			}
			if !holds || err != nil {
				continue
			}
		}
		gives, ok := d.gives(b, base, c, do.Purchase)
		if sum, fits := add(units, gives); ok && fits {
			units = sum
		} else {
			return 0, refuse(UnitsOutOfRange, "This purchase earns more units than a card can hold.")
		}
		if gives > 0 {
			d.explain(Reason{Rule: b.Name, Units: gives, Why: BonusRule})
		}
	}
	switch {
	case units > 0:
		return units, nil
	case d.rules.Earn.bonusesOnly():
		return 0, refuse(NothingToEarn, "Nothing of this purchase earns: this program looks at its lines.")
	}
	return 0, refuse(NothingToEarn, "This purchase is too small to earn anything.")
}

// gives is what a bonus that applies adds; false for more than there can be.
func (d *deciding) gives(b *Bonus, base int64, c counted, p *Purchase) (int64, bool) {
	switch {
	case b.Units > 0:
		return b.Units, true
	case b.Multiplier > 0:
		rounding := d.rules.Earn.Rounding
		if rounding == "" {
			rounding = Down
		}
		return inRange(rounding.scale(base, b.Multiplier-1000, 1000))
	case p == nil:
		return 0, true
	}
	lines := &b.Lines
	var sum int64
	for i := range p.Items {
		item := &p.Items[i]
		switch {
		case d.rules.Earn.Exclude.has(item), !lines.isEmpty() && !lines.has(item):
		case lines.Of == ByAmount:
			sum += item.Amount
		case lines.Of == item.Unit:
			sum += item.Quantity
		}
	}
	if lines.Of == ByAmount {
		sum = min(sum, c.paid) // nobody knows which lines a reward has paid
	}
	return inRange(Down.scale(max(0, sum), lines.Units, lines.Per))
}

func inRange(units int64, ok bool) (int64, bool) { return units, ok && units <= MaxUnits }

func (d *deciding) circumstances(base int64, p *Purchase) *Circumstances {
	around := &Circumstances{Purchase: p, Base: base, Card: d.card, Labels: d.state.Belonging.Labels, Location: d.cmd.Location, At: d.earnedAt().In(d.zone())}
	if len(d.rules.Tiers.Levels) > 0 {
		if level := d.standing().Tier.Level; level != nil {
			around.Tier = level.Name
		}
	}
	return around
}

// cut takes what is beyond a cap away, and says so.
func (d *deciding) cut(units, left int64, why ReasonWhy) int64 {
	if units <= left {
		return units
	}
	d.explain(Reason{Units: left - units, Why: why})
	return left
}

// cappedMonth applies the cap on the purchase and that on the month, as capped does
// that on the day.
func (d *deciding) cappedMonth(base, units int64, do Earning) (int64, error) {
	rule := &d.rules.Earn
	if rule.PurchaseCap > 0 {
		units = d.cut(units, rule.PurchaseCap, PurchaseCap)
	}
	if rule.MonthlyCap == 0 {
		return units, nil
	}
	left := rule.MonthlyCap - d.earnedThisMonth()
	if left <= 0 || base > left && do.Units != 0 {
		left = max(left, 0)
		if d.ofItsDay() {
			return 0, refuse(MonthlyCapReached, fmt.Sprintf("This card can earn %d more for the month of this purchase.", left))
		}
		r := refuse(MonthlyCapReached, fmt.Sprintf("This card can earn %d more this month.", left))
		r.RetryAt = d.nextMonth()
		return 0, r
	}
	return d.cut(units, left, MonthlyCap), nil
}

func (d *deciding) nextMonth() time.Time { return monthAfter(d.thisMonth(), d.zone()) }
