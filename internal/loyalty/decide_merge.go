package loyalty

import (
	"cmp"
	"slices"
	"time"
)

// merge ends the command's card and gives all that is on it to the survivor.
// Each card gets an entry: the one that ends loses its balance, the survivor's
// brings it in. They name each other as Origin, and the survivor's commits to the
// hash of the other, so that its chain goes on from both.
//
// A blocked card may end, for that is how a lost one is replaced, and its codes
// stay blocked; the survivor must not be blocked.
func merge(f *Facts, c *Command, do Merger, now time.Time, newID func() [16]byte) (*Decision, error) {
	if do.Into == c.Card {
		return nil, refuse(CardMergeSelf, "A card cannot be merged into itself. Give another card of the same customer.")
	}
	from, err := decidingOn(f, c, c.Card, now, newID)
	if err != nil {
		return nil, err
	}
	into, err := decidingOn(f, c, do.Into, now, newID)
	if err != nil {
		return nil, refuse(CardNotFound, "There is no such card to merge into.")
	}
	if err := mayMerge(from, into); err != nil {
		return nil, err
	}
	from.letGo()
	into.letGo()
	if err := into.inherit(from); err != nil {
		return nil, err
	}
	d := into.end()
	d.From = from.end()
	return d, nil
}

func mayMerge(from, into *deciding) error {
	if err := into.manager("Merging cards needs a manager's PIN."); err != nil {
		return err
	}
	if err := CheckMerged(from.card); err != nil {
		return err
	}
	if !into.card.MergedInto.IsZero() {
		r := refuse(CardMerged, "The card to merge into was itself merged into another one. Merge into that one.")
		r.Card = into.card.MergedInto
		return r
	}
	if from.card.Program != into.card.Program {
		return refuse(ProgramsDiffer, "These cards are of different programs: only cards of one program can be merged.")
	}
	return into.checkBlocked()
}

// CheckMerged refuses a card that has ended, and names the one that it was
// merged into. Errors: card_merged.
func CheckMerged(card *Card) error {
	if card.MergedInto.IsZero() {
		return nil
	}
	r := refuse(CardMerged, "This card was merged into another one. Go on with that card; to correct what was posted here, adjust that one.")
	r.Card = card.MergedInto
	return r
}

// Follow turns a command that met a merged card to its survivor. The nonce stays
// that of the code that was shown, so that it is spent once on all cards. Whether
// the code was the newest of its kind only the merged card knew: a printed one was
// checked there, as was the secret of a rotating one, and a wallet's counts as an
// old one for ever, because nothing renews it. A tag goes along: it counts its taps
// wherever they lead.
func (c *Command) Follow(survivor CardID) {
	c.Card = survivor
	c.Scan.Secret = Secret{}
	switch c.Scan.Surface {
	case Wallet, WalletNFC:
		c.Scan.Generation = 0
	case Print:
		c.Scan.Surface, c.Scan.Generation = NoSurface, 0
	}
}

// inherit moves everything from one card to this one.
func (d *deciding) inherit(from *deciding) error {
	units := from.card.Balance
	inherited, fits := add(d.card.Inherited, from.card.Earned()-units)
	if !fits {
		return refuse(UnitsOutOfRange, "That is more than a card can hold.")
	}
	theirs, ours := EntryID(d.newID()), EntryID(d.newID())
	d.arriving = from.leaving()
	gone := from.post(Entry{ID: theirs, Kind: Merge, Units: -units, Origin: ours})
	before := d.card.Balance
	if _, err := d.count(Entry{ID: ours, Kind: Merge, Units: units, Origin: theirs, Commitment: gone.Hash}); err != nil {
		return err
	}
	if d.card.Counts, fits = d.card.Counts.and(from.card.Counts); !fits {
		return refuse(UnitsOutOfRange, "That is more than a card can hold.")
	}
	d.card.Inherited = inherited
	from.card.MergedInto = d.card.ID
	from.card.Choice = Choice{}
	d.inheritTimes(from.card)
	d.inheritTallies(from.state.Tallies)
	d.inheritVouchers(from, before, units, ours)
	if d.rules.Kind == Stamps {
		d.passMilestones(before, units, ours)
		d.fill(d.card.Lifetime, ours)
	}
	return nil
}

// inheritTimes takes over what cooldown, daily cap and lapsing go by: whichever
// card was used last counts, and on one day both.
func (d *deciding) inheritTimes(from *Card) {
	card := d.card
	card.LastEarn = later(card.LastEarn, from.LastEarn)
	card.inheritMonth(from)
	card.ActiveAt = later(card.ActiveAt, from.ActiveAt)
	switch {
	case from.Day > card.Day:
		card.Day, card.DayFrom, card.DayUnits = from.Day, card.Seq, from.DayUnits
	case from.Day == card.Day:
		card.DayUnits = min(card.DayUnits+from.DayUnits, MaxUnits)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// inheritTallies adds what the other card has had of each reward.
func (d *deciding) inheritTallies(from map[RewardID]int64) {
	rewards := make([]RewardID, 0, len(from))
	for reward := range from {
		rewards = append(rewards, reward)
	}
	slices.SortFunc(rewards, RewardID.Compare) // deciding again decides the same
	for _, reward := range rewards {
		d.tally(reward, d.state.Tallies[reward]+from[reward])
	}
}

// inheritVouchers withdraws the other card's live vouchers and issues them here,
// with the same ages and ends. A milestone of the units that came along stands
// where those now are, so that it is withdrawn if they are taken back; the rest
// was earned once and for all.
func (d *deciding) inheritVouchers(from *deciding, before, units int64, because EntryID) {
	theirStart, start := from.card.Lifetime-units, d.card.Lifetime-d.card.Balance
	for i := range from.out.Vouchers {
		old := &from.out.Vouchers[i]
		if !old.Live(d.now) {
			continue
		}
		v := Voucher{
			ID: d.newID(), Card: d.card.ID, Reward: old.Reward, State: Issued,
			Entry: because, Issued: old.Issued, Expires: old.Expires, Value: old.Left, Left: old.Left,
		}
		if at := old.Threshold - theirStart; d.rules.Kind == Stamps && old.Spent == 0 && at > before {
			v.Threshold = start + at
		}
		from.move(old, Withdrawn)
		d.out.Issued = append(d.out.Issued, v)
		d.out.Vouchers = append(d.out.Vouchers, v)
	}
	slices.SortFunc(d.out.Vouchers, func(a, b Voucher) int { // oldest first, as they are read
		return cmp.Or(a.Issued.Compare(b.Issued), a.ID.Compare(b.ID))
	})
}

// passMilestones issues what only both cards' stamps together have reached. What
// either had reached alone was issued then; so was, on both, what lies within the
// surplus of a card that they fill.
func (d *deciding) passMilestones(before, units int64, because EntryID) {
	start := d.card.Lifetime - d.card.Balance
	for _, m := range d.rules.Card.Milestones {
		if m.At > max(before, units) && m.At <= before+units {
			d.issueByID(m.Reward, start+m.At, 0, because)
		}
	}
}
