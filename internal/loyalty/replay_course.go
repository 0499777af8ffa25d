package loyalty

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// course is a card as it goes by one program.
type course struct {
	*Replay
	program  func(at time.Time) *Program
	card     Card
	holder   Belonging
	vouchers []Voucher // all, the oldest first
	lots     []Lot     // all
	tallies  map[RewardID]int64
	origins  map[EntryID]Origin // by ids of the replay: what can be taken back
	details  map[EntryID]Detail // likewise: of earns and grants
	known    map[EntryID]EntryID
	meant    map[VoucherID]VoucherID // by ids of the ledger: what stands for them
	sums     *Ending
}

// newCourse opens the card anew, with the welcome that the rules of then give. Who
// comes from another system had that there.
func newCourse(r *Replay, h *History, program func(time.Time) *Program, sums *Ending) *course {
	at := h.Card.Created
	c := &course{
		Replay: r, program: program, card: NewCard(h.Card.ID, program(at), at), holder: h.Belonging, sums: sums,
		tallies: map[RewardID]int64{}, origins: map[EntryID]Origin{}, details: map[EntryID]Detail{}, known: map[EntryID]EntryID{},
		meant: map[VoucherID]VoucherID{},
	}
	if units := program(at).Welcome; units > 0 && !h.Card.movedIn() && !at.After(r.To) {
		c.decide(&Command{Merchant: c.card.Merchant, Card: c.card.ID, Do: OpeningBalance{Units: units}, Captured: at}, at, r.inSpan(at))
	}
	return c
}

// movedIn reports whether a card came from another system: see MovedCardID.
func (c *Card) movedIn() bool { return c.ID[6]>>4 == 8 }

// welcomes reports whether an entry, the first one of its card, is what OpenCard gave.
func welcomes(card *Card, e *Entry) bool {
	return e.Kind == Opening && e.Till.IsZero() && e.Posted.Equal(card.Created) && !card.movedIn()
}

// welcomed lets the welcome of the ledger be that of the replay.
func (c *course) welcomed(e *DetailedEntry) {
	for id, origin := range c.origins {
		if origin.Entry.Seq == 1 && e.Kind == Opening {
			c.known[e.ID] = id
		}
	}
}

// do decides one command, and once more with a PIN where one is asked for.
func (c *course) do(cmd *Command, e *DetailedEntry, within bool) {
	d, err := c.decide(cmd, e.Posted, within)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Code == PINRequired && cmd.Role < Owner {
		cmd.Role = Owner
		d, err = c.decide(cmd, e.Posted, within)
	}
	if refund, ok := cmd.Do.(Refunding); ok && errors.As(err, &refusal) && refusal.Code == InsufficientBalance && !refund.Most {
		refund.Most = true
		cmd.Do = refund
		d, err = c.decide(cmd, e.Posted, within)
	}
	switch {
	case err == nil:
		c.known[e.ID] = d.Primary(e.Kind).ID
	case errors.As(err, &refusal) && within:
		c.sums.refuse(e.Kind, refusal.Code)
	}
}

// lapse lets go of what is due at a time, if anything is.
func (c *course) lapse(at time.Time, within bool) {
	_, _ = c.decide(&Command{Merchant: c.card.Merchant, Card: c.card.ID, Do: Lapse{}, Captured: at}, at, within) // refused where nothing is
}

// decide decides a command on the card, and lets it take place if it is within rules.
func (c *course) decide(cmd *Command, now time.Time, within bool) (*Decision, error) {
	program := c.program(now)
	facts := &Facts{Cards: map[CardID]*State{c.card.ID: c.state(program, cmd)}}
	zone := c.Zones[cmd.Location]
	if !cmd.Till.IsZero() {
		facts.Tills = map[TillID]Till{cmd.Till: {ID: cmd.Till, Location: cmd.Location, Zone: zone}}
	} else if zone != nil {
		facts.Tags = map[TagID]Tag{{}: {Zone: zone}}
	}
	switch do := cmd.Do.(type) {
	case Redemption:
		facts.Stock = map[RewardID]int64{do.Reward: MaxUnits}
		if reward, known := program.Reward(do.Reward); known && reward.Kind == PartnerCode {
			facts.Pools = map[RewardID][]GiftCode{do.Reward: {{Reward: do.Reward}}}
		}
	case Reversal:
		facts.Origins = map[EntryID]Origin{do.Entry: c.origins[do.Entry]}
	case Refunding:
		facts.Origins = map[EntryID]Origin{do.Entry: c.origins[do.Entry]}
	case keeping:
		facts.Origins = map[EntryID]Origin{do.origin: c.origins[do.origin]}
	}
	facts.Cards[c.card.ID].Belonging = c.belonging(program, cmd, now)
	d, err := again(facts, cmd, now, c.newID)
	if err == nil {
		c.take(d, within, nil)
	}
	return d, err
}

// state is the card as a store reads it for a command: all that it ever had, where
// Keys.Add asks for histories, and else what is live.
func (c *course) state(p *Program, cmd *Command) *State {
	s := &State{Program: p, Card: c.card, Vouchers: c.vouchers, Lots: c.lots, Tallies: c.tallies}
	switch cmd.Do.(type) {
	case Reversal, Refunding, Adjustment, keeping:
		return s
	}
	s.Vouchers, s.Lots = nil, nil
	for _, v := range c.vouchers {
		if v.State == Issued || v.State == Reserved {
			s.Vouchers = append(s.Vouchers, v)
		}
	}
	for _, l := range c.lots {
		if l.Left > 0 {
			s.Lots = append(s.Lots, l)
		}
	}
	return s
}

// take brings the card up to date with a decision. moved are vouchers that only come
// from another card.
func (c *course) take(d *Decision, within bool, moved []Voucher) {
	c.card = d.Card
	for _, v := range d.Changed {
		c.vouchers = replace(c.vouchers, v, voucherID)
	}
	c.vouchers = append(c.vouchers, d.Issued...)
	for _, l := range slices.Concat(d.LotsNew, d.LotsChanged) {
		c.lots = replace(c.lots, l, lotKey)
	}
	for _, t := range d.Tallies {
		c.tallies[t.Reward] = t.Count
	}
	for _, detail := range d.Details {
		if bought := cmp.Or(d.Primary(Earn), d.Primary(Grant)); bought != nil && bought.ID == detail.Entry {
			c.details[detail.Entry] = detail
		}
	}
	for i := range d.Entries {
		e := &d.Entries[i]
		origin := c.origins[e.Origin]
		c.sums.ever.add(e, &origin.Entry)
		if within {
			c.sums.add(e, &origin.Entry)
		}
		if e.Kind == Void {
			origin.Voided = true
			c.origins[e.Origin] = origin
		}
		c.origins[e.ID] = Origin{Entry: *e}
	}
	for _, r := range d.Refunded {
		origin := c.origins[r.Entry]
		origin.Refunded, origin.Refunded.First = r, false
		c.origins[r.Entry] = origin
	}
	c.sums.ever.addVouchers(d, moved)
	if within {
		c.sums.addVouchers(d, moved)
	}
}

// inherit merges a card into this one.
func (c *course) inherit(from *course, e *DetailedEntry) {
	cmd := &Command{Merchant: from.card.Merchant, Card: from.card.ID, Do: Merger{Into: c.card.ID}, Role: Owner, Captured: e.Posted}
	p := c.program(e.Posted)
	d, err := again(&Facts{Cards: map[CardID]*State{c.card.ID: c.state(p, cmd), from.card.ID: from.state(p, cmd)}}, cmd, e.Posted, c.newID)
	within := c.inSpan(e.Posted)
	var refusal *Refusal
	switch {
	case err == nil:
		var moved []Voucher
		for _, v := range d.From.Changed {
			if v.State == Withdrawn {
				moved = append(moved, v)
			}
		}
		from.take(d.From, within, moved)
		c.take(d, within, moved)
		slices.SortFunc(c.vouchers, func(a, b Voucher) int { return cmp.Or(a.Issued.Compare(b.Issued), a.ID.Compare(b.ID)) })
	case errors.As(err, &refusal) && within:
		c.sums.refuse(Merge, refusal.Code)
	}
}

// keep is the action that keeps an entry; nil where what it refunds was refused.
func (c *course) keep(h *History, e *DetailedEntry) Action {
	origin, ok := c.known[e.Origin]
	if !ok && e.Kind == Refund {
		return nil
	}
	return keeping{&e.Entry, origin, c.voucherLike(h, e.Voucher)}
}
