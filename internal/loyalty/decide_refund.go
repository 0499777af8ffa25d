package loyalty

import "fmt"

// refund claws back what a refunded part of a purchase has earned: in proportion to
// its money, and exactly all with the last part; its money counts for no standing any
// more, and what was taken off it is not taken off any more. What has expired is gone
// already and is not asked for again; what was spent is taken from other units, or
// becomes a debt where the program allows one.
func (d *deciding) refund(do Refunding) error {
	origin, ok := d.facts.Origins[do.Entry]
	if !ok || origin.Entry.Card != d.card.ID || !d.touches(&origin.Entry) {
		return refuse(EntryNotFound, "There is no such entry on this card.")
	}
	if err := d.mayRefund(&origin); err != nil {
		return err
	}
	part, err := partOf(&do, &origin)
	if err != nil {
		return err
	}
	units := max(0, part.due(d.unexpired(&origin), part.sum.Amount)-origin.Refunded.Units)
	if units, err = d.recoverable(units, do.Most); err != nil {
		return err
	}
	part.sum.Units += units
	entry := Entry{Kind: Refund, Units: -units, Origin: origin.Entry.ID, Commitment: d.keep(part.part)}
	entry.Counted.Spend, entry.Counted.Off = -part.spend(&origin), -part.takenOff()
	if err := d.debit(entry); err != nil {
		return err
	}
	d.out.Refunded = append(d.out.Refunded, part.sum)
	return nil
}

// mayRefund: only what a purchase has earned or had taken off, and at a till with a
// PIN: a manager's for what a partner's till has posted.
func (d *deciding) mayRefund(origin *Origin) error {
	switch entry := &origin.Entry; {
	case entry.Kind == Redeem:
		return refuse(RefundInvalid, "What a reward took off is not refunded. Void the redemption: that gives the units or the voucher back.")
	case entry.Kind != Earn && entry.Kind != Grant || entry.Commitment == (Hash{}):
		return refuse(RefundInvalid, "This entry is not for a purchase. Void it, or adjust the card.")
	case origin.Voided:
		return refuse(EntryVoided, "This entry has already been voided.")
	case d.cmd.Till.IsZero():
		return nil
	case entry.Merchant != d.cmd.Merchant:
		return d.manager("Refunding what a partner has posted needs a manager's PIN.")
	}
	return d.needs(Cashier, "Refunding needs a staff PIN.")
}

// unexpired is what an entry brought in, less what of that has run out since.
func (d *deciding) unexpired(origin *Origin) int64 {
	entry := &origin.Entry
	if l := d.lots.find(entry.ID); l != nil {
		return entry.Units - l.Expired
	}
	if entry.Seq <= d.card.Floor {
		return origin.Refunded.Units
	}
	return entry.Units
}

// recoverable is how many of these units can be taken. Stamps take back the cards
// that they have filled.
func (d *deciding) recoverable(units int64, most bool) (int64, error) {
	has := max(0, d.card.Balance)
	switch {
	case units <= has || d.rules.AllowNegative || d.rules.Kind == Stamps && !most:
		return units, nil
	case most:
		return has, nil
	}
	return 0, refuse(InsufficientBalance, fmt.Sprintf(
		"This refund takes %d back, and the card has only %d left. Ask for as much as there is, or let the program allow a negative balance.", units, has))
}
