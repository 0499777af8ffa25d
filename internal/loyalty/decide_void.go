package loyalty

import (
	"fmt"
	"time"
)

// reverse takes an entry back by a compensating one.
func (d *deciding) reverse(do Reversal) error {
	origin, ok := d.facts.Origins[do.Entry]
	if !ok || origin.Entry.Card != d.card.ID || !d.touches(&origin.Entry) {
		return refuse(EntryNotFound, "There is no such entry on this card.")
	}
	entry := &origin.Entry
	if err := d.mayVoid(&origin); err != nil {
		return err
	}
	void := Entry{Kind: Void, Units: -entry.Units, Origin: entry.ID, Reward: entry.Reward, Voucher: entry.Voucher}
	switch entry.Kind {
	case Redeem:
		return d.unredeem(void, &origin)
	case Grant:
		d.ungrant(void, &origin)
		return nil
	}
	if void.Units > 0 { // of a negative adjustment
		_, err := d.credit(void)
		return err
	}
	if err := d.debit(void); err != nil {
		return err
	}
	d.forget(&origin)
	return nil
}

// mayVoid: once, only what can be undone, and by the till that did it within ten
// minutes, or else with a manager's PIN.
func (d *deciding) mayVoid(origin *Origin) error {
	entry := &origin.Entry
	if origin.Voided {
		return refuse(EntryVoided, "This entry has already been voided.")
	}
	switch entry.Kind {
	case Earn, Redeem, Grant, Adjust, Opening:
	default:
		return refuse(EntryNotVoidable, fmt.Sprintf("An entry of kind %s cannot be voided by itself.", entry.Kind))
	}
	if origin.Refunded.Entry == entry.ID {
		return refuse(EntryNotVoidable, "A part of this purchase was refunded: refund the rest instead.")
	}
	lot := d.lots.find(entry.ID)
	if entry.Kind != Redeem && entry.Kind != Grant && (entry.Seq <= d.card.Floor || lot != nil && lot.Expired > 0) {
		return refuse(EntryNotVoidable, "The units of this entry have expired since: there is nothing left to take back.")
	}
	own := !d.cmd.Till.IsZero() && entry.Till == d.cmd.Till && (entry.Kind == Earn || entry.Kind == Redeem || entry.Kind == Grant)
	if own && d.now.Sub(entry.Posted) <= voidWithoutPIN {
		return nil
	}
	return d.manager("Voiding an entry of another till, or after 10 minutes, needs a manager's PIN.")
}

// unredeem gives units or the voucher back, and the item to stock.
func (d *deciding) unredeem(void Entry, origin *Origin) error {
	if err := d.giveVoucherBack(&origin.Entry); err != nil {
		return err
	}
	if _, fits := add(d.card.Balance, void.Units); !fits {
		return refuse(UnitsOutOfRange, "That is more than a card can hold.")
	}
	if err := d.spoil(void.Origin); err != nil {
		return err
	}
	d.post(void)
	if i := find(d.out.Vouchers, void.Voucher, voucherID); i < 0 || d.out.Vouchers[i].Value == 0 {
		d.giveBack(void.Reward)
	}
	return nil
}

// forget lets a voided earn count no longer for cooldown, daily cap and purchase.
func (d *deciding) forget(origin *Origin) {
	entry := &origin.Entry
	if entry.Kind != Earn {
		return
	}
	if entry.Posted.Equal(d.card.LastEarn) || entry.Captured.Equal(d.card.LastEarn) {
		d.card.LastEarn = time.Time{}
	}
	d.uncountDay(entry)
	d.uncountMonth(entry)
	if origin.Credit != (Credit{}) {
		d.out.Freed = append(d.out.Freed, origin.Credit)
	}
}

// adjust corrects the balance by hand.
func (d *deciding) adjust(do Adjustment) error {
	if err := d.manager("Adjusting a balance needs a manager's PIN."); err != nil {
		return err
	}
	if d.rules.Kind == Discount {
		return refuse(ActionNotOffered, "A discount card has no units to adjust. Void the grant that is wrong.")
	}
	if do.Units == 0 || do.Units < -MaxUnits || do.Units > MaxUnits {
		return refuse(UnitsOutOfRange, "An adjustment must change the balance by a whole number other than 0.")
	}
	entry := Entry{Kind: Adjust, Units: do.Units}
	if do.Note != "" {
		entry.Commitment = d.keep(map[string]string{"note": do.Note})
	}
	if do.Units > 0 {
		_, err := d.credit(entry)
		return err
	}
	return d.debit(entry)
}
