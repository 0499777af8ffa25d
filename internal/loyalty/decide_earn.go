package loyalty

import (
	"fmt"
	"time"
)

// earn brings units in under the program's EarnRule.
func (d *deciding) earn(do Earning) error {
	units, err := d.worth(do)
	if err != nil {
		return err
	}
	spent := d.spendOf(do.Purchase)
	if err := d.fitsCounts(spent); err != nil {
		return err
	}
	entry := Entry{Kind: Earn, Units: units, Counted: Counted{Spend: spent}}
	d.keepEarn(&entry, do.Purchase)
	seq := d.card.Seq + 1
	posted, err := d.credit(entry)
	if err != nil {
		return err
	}
	if do.Purchase != nil {
		d.out.Credited = append(d.out.Credited, Credited{Credit: d.creditFor(do.Purchase), Entry: posted})
	}
	d.spend(posted)
	d.countDay(seq, units)
	d.countMonth(seq, units)
	if at := d.earnedAt(); !d.cmd.belated() || at.After(d.card.LastEarn) {
		d.card.LastEarn = at
	}
	return nil
}

// worth is how many units an earn brings in.
func (d *deciding) worth(do Earning) (int64, error) {
	if err := d.mayEarn(); err != nil {
		return 0, err
	}
	base, c, err := d.unitsFor(do)
	if err != nil {
		return 0, err
	}
	units, err := d.withBonuses(base, c, do)
	if err != nil {
		return 0, err
	}
	if units, err = d.multiplied(units); err != nil {
		return 0, err
	}
	return d.capped(base, units, do)
}

// earnedAt is the moment that counts for the program's times: now; for a claim when
// the till gave its code out; for what was done offline when it was done.
func (d *deciding) earnedAt() time.Time {
	if d.cmd.belated() {
		return d.cmd.Captured
	}
	return d.now
}

// mayEarn checks time: of the scan, of the program, since the last earn.
func (d *deciding) mayEarn() error {
	if d.rules.Kind == Discount {
		if err := d.checkOnly(d.earnedAt()); err != nil {
			return err // which also tells that there is no discount to be had
		}
		return refuse(ActionNotOffered, "This card earns nothing: it has a discount. Post the purchase as a grant.")
	}
	if err := d.checkMethod(); err != nil {
		return err
	}
	at := d.earnedAt()
	if at.Sub(d.cmd.Captured) > d.rules.handleLife() {
		return refuse(ScanExpired, "This scan is too old to earn on. Scan the customer's code again.")
	}
	if !d.rules.Starts.IsZero() && at.Before(d.rules.Starts) {
		return refuse(ProgramNotStarted, "This program has not started yet.")
	}
	if d.rules.over(at) {
		return refuse(ProgramEnded, "This program has ended. Rewards that were earned can still be used.")
	}
	if err := d.checkOnly(at); err != nil {
		return err
	}
	if err := d.cooledDown(at); err != nil {
		return err
	}
	return d.approvedFor(d.rules.needs(d.cmd.Scan.Method, Earn), "Earning")
}

// cooledDown holds that enough time has passed since the last earn, or that a
// manager lets it pass. What belongs to an earlier moment may also have been just
// before it.
func (d *deciding) cooledDown(at time.Time) error {
	last, wait := d.card.LastEarn, d.rules.cooldown(d.cmd.Scan.Method)
	switch { // without a cooldown, a clock behind that of the last earn is no reason
	case wait == 0 || last.IsZero() || !at.Before(last.Add(wait)):
		return nil
	case !d.cmd.belated():
		r := refuse(CooldownActive, "This card has just earned. It can earn again later.")
		r.RetryAt = last.Add(wait)
		return d.unlessLifted(r, LimitCooldown)
	case last.Before(at.Add(wait)):
		if d.cmd.Offline != nil {
			return refuse(CooldownActive, "This card had earned too shortly before or after this was done offline.")
		}
		return refuse(CooldownActive, "This card had earned too shortly before or after this purchase: it cannot earn on it as well.")
	}
	return nil
}

// unlessLifted is nil where the program lets a manager go beyond a limit, and one
// does; else the refusal, which tells whose PIN would help.
func (d *deciding) unlessLifted(r *Refusal, limit Limit) error {
	if !d.rules.Earn.Override {
		return r
	}
	if d.cmd.Role >= Manager {
		d.lifts = d.lifts.With(limit)
		return nil
	}
	r.Needs = Manager
	return r
}

// unitsFor applies the basis of earning, and tells what of the purchase counted.
func (d *deciding) unitsFor(do Earning) (units int64, c counted, err error) {
	if do.Purchase != nil {
		if c, err = d.mayCredit(do.Purchase); err != nil {
			return 0, c, err
		}
	}
	if err := d.checkCurrency(do.Purchase); err != nil {
		return 0, c, err
	}
	rule := &d.rules.Earn
	if rule.By != ByUnits && do.Units != 0 {
		return 0, c, refuse(UnitsNotAccepted, fmt.Sprintf("This program counts by %s: leave out units.", rule.By))
	}
	if rule.By == BySpend {
		units, err = d.unitsForSpend(do.Purchase, c)
		return units, c, err
	}
	if do.Units == 0 && do.Purchase != nil && do.Purchase.free() {
		return 0, c, refuse(NothingToEarn, "A reward has paid for this purchase: it earns nothing.")
	}
	if rule.By == ByVisit {
		return rule.PerVisit, c, nil
	}
	units = do.Units
	if units == 0 && do.Purchase != nil {
		if units = c.pieces; units == 0 {
			return 0, c, refuse(NothingToEarn, "This purchase has no pieces to count: give units, or items with unit piece.")
		}
	}
	if units <= 0 || units > MaxUnits {
		return 0, c, refuse(UnitsOutOfRange, "Units must be a whole number of at least 1.")
	}
	return units, c, nil
}

// mayCredit holds that a purchase is one, that it comes for the first time, and
// that something of it counts.
func (d *deciding) mayCredit(p *Purchase) (counted, error) {
	if err := p.check(); err != nil {
		return counted{}, err
	}
	if entry, ok := d.facts.Credits[d.creditFor(p)]; ok {
		r := refuse(PurchaseCredited, "This purchase has already been credited.")
		r.Entry = entry
		return counted{}, r
	}
	c := d.state.Program.count(p)
	if c.none {
		return c, refuse(NothingToEarn, "All that was bought is left out of this program: it earns nothing.")
	}
	return c, nil
}

func (d *deciding) unitsForSpend(p *Purchase, c counted) (int64, error) {
	rule := &d.rules.Earn
	if p == nil {
		return 0, refuse(PurchaseRequired, "This program counts by spend: give the purchase.")
	}
	if p.Currency != rule.Currency {
		return 0, wrongCurrency(rule.Currency, p)
	}
	if c.paid < rule.Minimum {
		return 0, refuse(NothingToEarn, "This purchase is below the program's minimum.")
	}
	if c.paid == 0 {
		return 0, refuse(NothingToEarn, "Nothing of this purchase counts.")
	}
	if rule.bonusesOnly() {
		return 0, nil
	}
	units, ok := rule.Rounding.scale(c.paid, rule.Units, rule.Per)
	if !ok || units > MaxUnits {
		return 0, refuse(UnitsOutOfRange, "This purchase earns more units than a card can hold.")
	}
	return units, nil
}

// capped applies the per-scan maximum, which is about what the till says and no
// bonus or tier, and the caps on purchase, month and day. What the till typed is
// refused when it exceeds one, so that the cashier sees it; what follows from a
// purchase, visit, bonus or tier is credited up to the cap.
func (d *deciding) capped(base, units int64, do Earning) (int64, error) {
	rule := &d.rules.Earn
	if rule.PerScan > 0 && base > rule.PerScan {
		if err := d.manager(fmt.Sprintf("More than %d in one scan needs a manager's PIN.", rule.PerScan)); err != nil {
			return 0, err
		}
		if !d.cmd.Till.IsZero() {
			d.lifts = d.lifts.With(LimitPerScan)
		}
	}
	units, err := d.cappedMonth(base, units, do)
	if err != nil || rule.DailyCap == 0 {
		return units, err
	}
	left := rule.DailyCap - d.earnedToday()
	if left <= 0 || (base > left && do.Units != 0) {
		return 0, d.enough(max(left, 0))
	}
	return d.cut(units, left, DailyCap), nil
}

// enough refuses what goes beyond the daily cap. Tomorrow is another day, but not
// for what was bought today.
func (d *deciding) enough(left int64) error {
	if d.ofItsDay() {
		if left == 0 {
			return refuse(DailyCapReached, "This card has earned all that it can for the day of this purchase.")
		}
		return refuse(DailyCapReached, fmt.Sprintf("This card can earn %d more for the day of this purchase.", left))
	}
	message := fmt.Sprintf("This card can earn %d more today.", left)
	if left == 0 {
		message = "This card has earned all that it can today."
	}
	r := refuse(DailyCapReached, message)
	r.RetryAt = dayAfter(d.today(), d.zone())
	return r
}

func (d *deciding) creditFor(p *Purchase) Credit {
	return Credit{Purchase: p.Key(d.cmd.Merchant, d.cmd.Location), Program: d.card.Program}
}
