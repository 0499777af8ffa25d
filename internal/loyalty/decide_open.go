package loyalty

import "fmt"

// open gives a new card what it starts with: welcome units, or what its holder
// brings along on paper.
func (d *deciding) open(do OpeningBalance) error {
	if err := d.mayOpen(); err != nil {
		return err
	}
	if d.rules.Kind == Discount {
		return d.openSpend(do)
	}
	switch most := d.mostAtOpening(); {
	case do.Units <= 0:
		return refuse(UnitsOutOfRange, "An opening balance must be at least 1.")
	case do.Units > most:
		return refuse(UnitsOutOfRange, fmt.Sprintf("An opening balance may be at most %d here: the merchant's office can give more by an adjustment.", most))
	}
	id, err := d.credit(Entry{Kind: Opening, Units: do.Units})
	if err != nil {
		return err
	}
	d.spend(id)
	return nil
}

// mayOpen asks for a manager, a fresh scan, and a card that has not earned yet.
func (d *deciding) mayOpen() error {
	if err := d.manager("An opening balance needs a manager's PIN."); err != nil {
		return err
	}
	if d.cmd.Scan.Nonce != (Nonce{}) && d.now.Sub(d.cmd.Captured) > d.rules.handleLife() {
		return refuse(ScanExpired, "This scan is too old for an opening balance. Scan the customer's code again.")
	}
	if !d.rules.Ends.IsZero() && !d.now.Before(d.rules.Ends) {
		return refuse(ProgramEnded, "This program has ended. Rewards that were earned can still be used.")
	}
	if d.card.Day != 0 {
		return refuse(OpeningTooLate, "This card has already earned: use an adjustment instead of an opening balance.")
	}
	return nil
}

// mostAtOpening bounds what one slip of a finger at a till can give away. A full
// paper card is worth its reward and need not be carried over; points of another
// system come to the dearest reward at most. The office has no such bound.
func (d *deciding) mostAtOpening() int64 {
	if d.cmd.Till.IsZero() {
		return MaxUnits
	}
	if d.rules.Kind == Stamps {
		return d.rules.Card.Size - 1
	}
	dearest := int64(0)
	for i := range d.rules.Rewards {
		dearest = max(dearest, d.rules.Rewards[i].Cost)
	}
	if dearest == 0 {
		return MaxUnits // nothing can be bought with them
	}
	return dearest
}
