package loyalty

import (
	"encoding/json"
	"fmt"
	"time"
)

// Decide says what a command does to its card: an after-image, or a *Refusal
// and nothing. It is pure: it reads facts, changes none, and takes the time and
// fresh ids as given. It expects facts for everything that Keys.Add names; a
// card that is not there, or neither this merchant's nor one that it honours as a
// partner, is card_not_found.
func Decide(f *Facts, c *Command, now time.Time, newID func() [16]byte) (*Decision, error) {
	if do, ok := c.Do.(Merger); ok {
		return merge(f, c, do, now, newID)
	}
	if _, ok := c.Do.(Lapse); ok {
		return lapseOverdue(f, c, now, newID)
	}
	d, err := begin(f, c, now, newID)
	if err != nil {
		return nil, err
	}
	if err := d.act(); err != nil {
		return nil, err
	}
	d.settle()
	return d.end(), nil
}

// act does what the command asks for.
func (d *deciding) act() error {
	switch do := d.cmd.Do.(type) {
	case Earning:
		return d.earn(do)
	case Claiming:
		return d.claim(do)
	case CounterTap:
		return d.tapCounter(do)
	case Approving:
		return d.approve(do)
	case Redemption:
		return d.redeem(do)
	case Reserving:
		return d.reserve(do)
	case Choosing:
		return d.choose(do)
	case Granting:
		return d.grant(do)
	case Reversal:
		return d.reverse(do)
	case Refunding:
		return d.refund(do)
	case Adjustment:
		return d.adjust(do)
	case OpeningBalance:
		return d.open(do)
	case keeping:
		return d.keepEntry(do)
	case tapped:
		return d.earnTapped(do)
	}
	panic(fmt.Sprintf("loyalty: no action is called %T", d.cmd.Do))
}

// checkTill holds that the till which asks, if any, is still paired.
func checkTill(f *Facts, c *Command) error {
	if c.Till.IsZero() || c.Scan.Method == Slip { // a code outlives its till
		return nil
	}
	till, found := f.Tills[c.Till]
	till.Revoked = till.Revoked || !found
	return till.CheckPaired(c.Pairing)
}

// deciding is a decision in the making.
type deciding struct {
	facts *Facts
	cmd   *Command
	now   time.Time
	newID func() [16]byte
	rules *Rules
	state *State
	card  *Card // of out
	lifts Lifted
	out   Decision

	lots     bag   // of a program with lots
	arriving []Lot // with a merge
}

// begin checks what every action on one card needs and lets overdue units and
// vouchers go.
func begin(f *Facts, c *Command, now time.Time, newID func() [16]byte) (*deciding, error) {
	d, err := decidingOn(f, c, c.Card, now, newID)
	if err != nil {
		return nil, err
	}
	if err := d.checkItem(); err != nil {
		return nil, err
	}
	if err := d.checkBlocked(); err != nil {
		return nil, err
	}
	if err := d.checkNonce(); err != nil {
		return nil, err
	}
	if err := CheckGeneration(d.card, &c.Scan); err != nil {
		return nil, err
	}
	if err := CheckSecret(d.state.Secrets, &c.Scan); err != nil {
		return nil, err
	}
	if err := CheckTap(f.Tags[c.Scan.Tapped.Tag], d.state.Uses, &c.Scan); err != nil {
		return nil, err
	}
	// Last: what goes on to the survivor has passed all that only this card knows.
	if err := CheckMerged(d.card); err != nil {
		return nil, err
	}
	if c.Scan.Method == Counter {
		if err := d.checkCounterTap(); err != nil {
			return nil, err
		}
	}
	d.letGo()
	return d, nil
}

// decidingOn begins with one of the command's cards.
func decidingOn(f *Facts, c *Command, id CardID, now time.Time, newID func() [16]byte) (*deciding, error) {
	state, ok := f.Cards[id]
	if !ok || !f.mayTouch(c, state, now) {
		return nil, refuse(CardNotFound, "There is no such card.")
	}
	if err := checkTill(f, c); err != nil {
		return nil, err
	}
	d := &deciding{facts: f, cmd: c, now: now, newID: newID, rules: &state.Program.Rules, state: state}
	d.out.Card, d.out.Program, d.out.Belonging = state.Card, state.Program, state.Belonging
	d.out.Vouchers = append([]Voucher(nil), state.Vouchers...)
	d.card = &d.out.Card
	d.lots = sortedBag(state.Lots)
	return d, nil
}

// end is the decision that was made.
func (d *deciding) end() *Decision {
	// A debt from when the program allowed one may shrink, and stays storable.
	d.card.MayOwe = d.rules.AllowNegative || d.card.Balance < 0
	d.lotsChanged()
	d.forgetChoice()
	return &d.out
}

func (d *deciding) checkBlocked() error {
	if d.card.Blocked {
		return refuse(CardBlocked, "This card is blocked. The customer can ask the shop for a new one.")
	}
	return nil
}

// CheckGeneration refuses printed texts from before a reported loss. An older
// wallet text still identifies: its renewal may never have reached the phone.
// Errors: credential_replaced.
func CheckGeneration(card *Card, scan *Scanned) error {
	if scan.Surface == Print && scan.Generation != card.PrintGen ||
		scan.Surface.ofWallet() && scan.Generation > card.WalletGen {
		return refuse(CredentialReplaced, "This code was replaced by a newer one. Ask for the customer's current card.")
	}
	return nil
}

// needs refuses unless staff of that role has approved with a PIN.
func (d *deciding) needs(role Role, why string) error {
	if d.cmd.Role >= role {
		return nil
	}
	r := refuse(PINRequired, why)
	r.Needs = role
	return r
}

// post appends one entry to the chain.
func (d *deciding) post(e Entry) *Entry {
	c := d.cmd
	if e.ID.IsZero() {
		e.ID = d.newID()
	}
	e.Merchant, e.Operator, e.Card = c.Merchant, d.card.Merchant, d.card.ID
	e.Program, e.Version = d.state.Program.ID, d.state.Program.Version
	e.Location, e.Till, e.Staff, e.Method = c.Location, c.Till, c.Staff, c.Scan.Method
	e.Captured, e.Posted = c.Captured, d.now
	if e.Kind == c.Kind() {
		e.Lifted = d.lifts | c.Lifted
	}

	d.byMonth(&e)

	d.card.Seq++
	d.card.Balance += e.Units
	e.Seq, e.Balance = d.card.Seq, d.card.Balance
	e.Hash = e.Link(d.card.Head)
	d.card.Head = e.Hash
	if e.Commitment != (Hash{}) && e.Kind != Merge && e.Explained == "" {
		d.out.Details[len(d.out.Details)-1].Entry = e.ID
	}
	d.keepLots(&e)
	d.out.Entries = append(d.out.Entries, e)
	return &d.out.Entries[len(d.out.Entries)-1]
}

// keep puts what an entry only commits to beside it, and returns the commitment.
func (d *deciding) keep(detail any) Hash {
	body := written(detail)
	d.out.Details = append(d.out.Details, Detail{Salt: d.cmd.Salt, Body: body})
	return commitment(d.cmd.Salt, body)
}

func written(detail any) []byte {
	body, err := json.Marshal(detail)
	if err != nil {
		panic("loyalty: a detail of plain fields cannot be written as JSON: " + err.Error())
	}
	return body
}

// zone is where the command's day begins and ends: that of the place, or UTC.
func (d *deciding) zone() *time.Location {
	if zone := d.place(); zone != nil {
		return zone
	}
	return time.UTC
}

// place is the zone of the till, or of the counter tag; nil for what the office does.
func (d *deciding) place() *time.Location {
	if zone := d.facts.Tills[d.cmd.Till].Zone; zone != nil {
		return zone
	}
	return d.facts.Tags[d.cmd.Scan.Tapped.Tag].Zone
}

// letGo posts what has fallen due: units lapse after a long silence (a stamp card
// then begins anew, milestones included), overdue vouchers expire, and stamps
// that fill the smaller cards of a new version do so.
func (d *deciding) letGo() {
	now := d.cmd.at(d.now)
	if at := d.card.lapseAt(d.rules); !at.IsZero() && !now.Before(at) {
		d.lapse(d.card.Balance)
	}
	d.letLotsGo(now)
	for i := range d.out.Vouchers {
		v := &d.out.Vouchers[i]
		switch {
		case v.overdue(now) && v.State.CanBecome(Expired):
			d.move(v, Expired)
		case v.State == Reserved && v.StateAt(d.now) == Issued:
			d.move(v, Issued)
		}
	}
	if d.rules.Kind == Stamps {
		d.fill(d.card.Lifetime, EntryID{})
	}
}

// move takes a voucher along the transition table.
func (d *deciding) move(v *Voucher, next VoucherState) {
	if !v.State.CanBecome(next) {
		panic("loyalty: a voucher cannot go from " + v.State.String() + " to " + next.String())
	}
	v.State = next
	if next != Reserved {
		v.Hold = Hold{}
	}
	d.changed(v)
}

// changed puts a voucher down as it now is.
func (d *deciding) changed(v *Voucher) {
	if i := find(d.out.Issued, v.ID, voucherID); i >= 0 {
		d.out.Issued[i] = *v
		return
	}
	d.out.Changed = replace(d.out.Changed, *v, voucherID)
}

// issue gives the card a new voucher for a reward.
func (d *deciding) issue(reward *Reward, threshold, spent int64, because EntryID) {
	v := Voucher{
		ID: d.newID(), Card: d.card.ID, Reward: reward.ID, State: Issued,
		Threshold: threshold, Spent: spent, Entry: because, Issued: d.now,
	}
	if reward.Kind == GiftCard {
		v.Value, v.Left = reward.Amount, reward.Amount
	}
	if reward.ValidIn > 0 {
		v.Expires = d.now.Add(days(reward.ValidIn))
	}
	d.out.Issued = append(d.out.Issued, v)
	d.out.Vouchers = append(d.out.Vouchers, v)
}

// manager refuses a till without a manager's PIN; the merchant's own system needs none.
func (d *deciding) manager(why string) error {
	if d.cmd.Till.IsZero() {
		return nil
	}
	return d.needs(Manager, why)
}
