package loyalty

import (
	"encoding/json"
	"time"
)

// keeping posts an entry as it was posted before.
type keeping struct {
	entry *Entry

	origin  EntryID   // in the replay
	voucher VoucherID // likewise
}

func (k keeping) entryKind() EntryKind { return k.entry.Kind }

// keepEntry posts what cannot be decided again.
func (d *deciding) keepEntry(do keeping) error {
	e := Entry{Kind: do.entry.Kind, Units: do.entry.Units, Origin: do.origin, Counted: do.entry.Counted}
	e.Counted.Month = 0
	switch e.Kind {
	case Earn:
		seq := d.card.Seq + 1
		if _, err := d.credit(e); err != nil {
			return err
		}
		d.countDay(seq, e.Units)
		d.countMonth(seq, e.Units)
		d.card.LastEarn = d.earnedAt()
		return nil
	case Refund:
		return d.debit(e)
	case Redeem:
		return d.keepRedemption(e, do)
	}
	d.post(e)
	return nil
}

// command is what was asked for when an entry was posted.
func (w *walk) command(c *course, e *DetailedEntry, do Action) *Command {
	cmd := &Command{
		Merchant: c.card.Merchant, Card: c.card.ID, Do: do,
		Till: e.Till, Location: e.Location, Staff: e.Staff, Role: Owner,
		Scan: Scanned{Method: e.Method}, Captured: e.Posted, Salt: e.Salt,
	}
	if e.Kind == Earn { // a manager would lift its cooldown
		cmd.Role = NoRole
		if e.Lifted.Has(LimitCooldown) {
			cmd.Role = Manager
		}
	}
	switch {
	case e.Method == Slip:
		cmd.Captured = e.Captured
	case w.wasOffline(&e.Entry):
		cmd.Captured, cmd.Offline = e.Captured, &Offline{}
	}
	return cmd
}

// wasOffline finds out what was sent later, and what fell due with it: it was presented
// longer before than a scan lasts.
func (w *walk) wasOffline(e *Entry) bool {
	switch e.Kind {
	case Earn, Redeem, Grant, Expire:
		return e.Posted.Sub(e.Captured) > max(w.decidedBy(e).handleLife(), redeemWithoutPIN)
	}
	return false
}

// decidedBy are the rules that have decided an entry.
func (w *walk) decidedBy(e *Entry) *Rules {
	if p := w.Versions[e.Version]; p != nil {
		return &p.Rules
	}
	return &w.Current.Rules
}

// action is what led to an entry, for one of the two rules; nil where that has lost
// its sense: what it takes back was refused. Else why it is not known.
func (w *walk) action(p *replaying, c *course, e *DetailedEntry) (Action, KeptWhy) {
	switch e.Kind {
	case Earn:
		return w.earning(c.program(e.Posted), e)
	case Grant:
		purchase := &Purchase{}
		if json.Unmarshal(e.Detail, purchase) != nil {
			return nil, KeptErased
		}
		p.off[e.ID] = e.Counted.Off
		return Granting{Purchase: purchase}, ""
	case Redeem:
		return w.redemption(p, c, e)
	case Adjust:
		return Adjustment{Units: e.Units}, ""
	case Opening:
		return OpeningBalance{Units: e.Units, Spend: e.Counted.Spend}, ""
	case Void:
		if origin, ok := c.known[e.Origin]; ok {
			return Reversal{Entry: origin, Reward: e.Reward}, ""
		}
	case Refund:
		return w.refunding(p, c, e)
	}
	return nil, ""
}

func (w *walk) refunding(p *replaying, c *course, e *DetailedEntry) (Action, KeptWhy) {
	var part refundDetail
	switch origin, ok := c.known[e.Origin]; {
	case p.kept[e.Origin], json.Unmarshal(e.Detail, &part) != nil:
		return nil, KeptErased
	case ok:
		do := Refunding{Entry: origin, Detail: c.details[origin], Amount: part.Refund, Lines: part.Lines}
		if len(do.Lines) > 0 || part.Ref == "" {
			do.Amount = 0
		}
		if off, granted := p.off[e.Origin]; granted && do.Amount > 0 {
			do.Amount = c.paidFor(origin, do.Amount, off)
		}
		do.Most = e.Balance == 0 // then both give the same, unless less was there
		return do, ""
	}
	return nil, ""
}

// paidFor is what an amount of a granted purchase is where something else was taken
// off it: the same part of what was left to pay. off was taken off in the ledger.
func (c *course) paidFor(grant EntryID, amount, off int64) int64 {
	var purchase Purchase
	if json.Unmarshal(c.details[grant].Body, &purchase) != nil {
		return amount
	}
	due := purchase.Total - purchase.PaidWithReward
	paid := due - c.origins[grant].Entry.Counted.Off
	if paid == 0 {
		return 0 // all that there is
	}
	part, _ := Down.scale(amount, paid, due-off) // an amount came back of it: more than off was due
	return max(1, part)
}

// earning is what was earned on, as far as the rules ask for it.
func (w *walk) earning(by *Program, e *DetailedEntry) (Action, KeptWhy) {
	if e.Method == Counter {
		return tapped{by.Rules.counted()}, ""
	}
	decided := w.decidedBy(&e.Entry)
	var kept earnDetail
	if e.Commitment != (Hash{}) && json.Unmarshal(e.Detail, &kept) != nil {
		return nil, KeptErased
	}
	purchase := kept.Purchase
	if purchase != nil && purchase.Ref == "" {
		purchase = nil
	}
	if purchase != nil && len(purchase.Items) == 0 && decided.Earn.ForgetItems && by.readsLines() {
		return nil, KeptForgotten
	}
	do := Earning{Purchase: purchase}
	switch {
	case by.Earn.By == BySpend && purchase == nil:
		return nil, KeptNoPurchase
	case by.Earn.By == ByUnits:
		base := e.Units
		if len(kept.Why) > 0 {
			base = kept.Why[0].Units
		}
		pieces := int64(0)
		if purchase != nil {
			pieces = purchase.pieces(&decided.Earn.Exclude)
		}
		switch {
		case decided.Earn.By == ByUnits && (pieces != base || purchase.free()): // a till told it
			do.Units = base
		case pieces == 0:
			return nil, KeptNoUnits
		}
	}
	return do, ""
}

// tapped earns for a tap at the counter that was made before.
type tapped struct{ Earning }

func (d *deciding) earnTapped(do tapped) error {
	if !d.rules.Counter.Enabled {
		return refuse(CounterNotOffered, "This program gives nothing for a tap at the counter. Show the card at the till.")
	}
	return d.earn(do.Earning)
}

// again decides what was decided before, when whoever asked had shown what it takes:
// that the credential is good and fresh, and the card not blocked, was found then.
func again(f *Facts, c *Command, now time.Time, newID func() [16]byte) (*Decision, error) {
	switch do := c.Do.(type) {
	case Merger:
		return merge(f, c, do, now, newID)
	case Lapse:
		return lapseOverdue(f, c, now, newID)
	}
	d, err := decidingOn(f, c, c.Card, now, newID)
	if err != nil {
		return nil, err
	}
	d.letGo()
	if err := d.act(); err != nil {
		return nil, err
	}
	return d.end(), nil
}
