package loyalty

import (
	"encoding/binary"
	"iter"
	"time"
)

// Replay tries a change of a program's rules out on what has really happened. It
// decides the history of each card twice, by the rules that are current and by the
// changed ones, in the order in which it was posted, and compares what comes of it.
// Until From both are decided by the current rules.
//
// It knows only what was posted: what was refused then, and would not be now, is
// nowhere. Nor does it ask for what belongs to the moment: a fresh code, a PIN, stock
// and codes of partners were there, and whoever acted was a partner of the coalition.
type Replay struct {
	Current, Changed *Program
	Versions         map[int32]*Program            // that have decided: what they kept of purchases
	Zones            map[LocationID]*time.Location // as they are now
	From, To         time.Time                     // of the postings that the changed rules decide; both included

	ids uint64
}

// History is a card as a replay reads it.
type History struct {
	Card      Card                            // as it is today
	Belonging Belonging                       // of its holder, as it is today
	Vouchers  []Voucher                       // all of them
	Entries   iter.Seq2[DetailedEntry, error] // in the order of Seq
}

// Replayed is what came of a card, and of those that were merged into it.
type Replayed struct {
	Card          CardID
	Ended         bool // it was merged into another one: all of it comes with that one
	Entries       int64
	Before, After Ending // by the current rules, and by the changed ones
	Kept          map[KeptWhy]Kept

	Balance int64 // in the ledger, after the last entry that was replayed
	Off     int64 // in the ledger, within the span: what was taken off, in minor units of whatever money
	Replay  int64 // what the current rules make of Balance
}

// Exact reports whether the current rules give what the ledger says.
func (r *Replayed) Exact() bool { return r.Balance == r.Replay && r.Off == r.Before.off() }

// Ending is how a card ends up by some rules.
type Ending struct {
	Sums
	ever    Sums  // also from before the span
	Balance int64 // at the end of the replay, when all that was due has run out
	Worth   int64 // what its holder has and had: see Replay.worth
}

// Kept counts entries that cannot be decided again, for one reason. Both sides have
// them as they were posted.
type Kept struct{ Entries, Units int64 }

// KeptWhy says what is not known of an entry.
type KeptWhy string

// The reasons to keep an entry.
const (
	KeptErased     KeptWhy = "purchase_erased"  // the purchase was erased
	KeptForgotten  KeptWhy = "lines_forgotten"  // its lines were not kept, and a rule asks about them
	KeptNoPurchase KeptWhy = "purchase_unknown" // no till told one, and the changed rules count by spend, or take something off it
	KeptNoUnits    KeptWhy = "units_unknown"    // no till told how many, and the changed rules count units
)

// Find is the card with an entry that ended it, for the survivor's history.
type Find func(ended EntryID) (*History, error)

// Card replays one card. Errors: those of reading.
func (r *Replay) Card(h *History, find Find) (*Replayed, error) {
	w := &walk{Replay: r, find: find, out: Replayed{Card: h.Card.ID, Kept: map[KeptWhy]Kept{}}}
	p, err := w.through(h)
	if err != nil {
		return nil, err
	}
	w.out.Ended, w.out.Balance, w.out.Replay = p.ended, p.balance, p.before.card.Balance
	for _, c := range []*course{p.before, p.after} {
		c.lapse(r.To, r.inSpan(r.To))
		c.sums.Balance = c.card.Balance
		c.sums.Worth = r.worth(c.sums)
		for i := range c.vouchers {
			if v := &c.vouchers[i]; v.Live(r.To) {
				reward := c.sums.reward(v.Reward)
				reward.Live++
				reward.Left += v.Left
			}
		}
	}
	return &w.out, nil
}

// worth is what the holder of a card got, in the terms of the current rules, so that
// two outcomes compare: of a points card its balance and what its rewards cost, or the
// amounts that were chosen; of a stamp card its stamps and those that its vouchers take; of a discount card the
// money that was taken off.
func (r *Replay) worth(o *Ending) int64 {
	worth := o.Balance
	switch r.Current.Kind {
	case Discount:
		return o.ever.Discount
	case Points:
		for id, sums := range o.ever.Rewards {
			worth += r.inCurrent(func(rules *Rules) int64 { return rules.cost(id, sums) })
		}
	case Stamps:
		for id, sums := range o.ever.Rewards {
			worth += (sums.Issued - sums.Withdrawn) * r.inCurrent(func(rules *Rules) int64 { return rules.stampsFor(id) })
		}
	}
	return worth
}

// inCurrent is a figure by the current rules, or else by the changed.
func (r *Replay) inCurrent(of func(*Rules) int64) int64 {
	if n := of(&r.Current.Rules); n != 0 {
		return n
	}
	return of(&r.Changed.Rules)
}

// cost is what the rewards of one kind that a card had for units cost.
func (r *Rules) cost(id RewardID, had *RewardSums) int64 {
	reward, ok := r.Reward(id)
	switch {
	case !ok:
		return 0
	case reward.Flexible != (Flexible{}):
		cost, _ := reward.Flexible.cost(max(0, had.Off))
		return cost
	}
	return had.Bought * reward.Cost
}

// stampsFor is how many stamps it takes to get a reward; 0 where they do not give it.
func (r *Rules) stampsFor(id RewardID) int64 {
	for _, m := range r.Card.Milestones {
		if m.Reward == id {
			return m.At
		}
	}
	if r.Card.Reward == id {
		return r.Card.Size
	}
	return 0
}

func (r *Replay) inSpan(at time.Time) bool { return !at.Before(r.From) && !at.After(r.To) }

func (r *Replay) current(time.Time) *Program { return r.Current }

func (r *Replay) changed(at time.Time) *Program {
	if at.Before(r.From) {
		return r.Current
	}
	return r.Changed
}

// newID makes ids that rise, and stand for nothing outside the replay.
func (r *Replay) newID() (id [16]byte) {
	r.ids++
	binary.BigEndian.PutUint64(id[8:], r.ids)
	return id
}

// walk goes through a card and those that were merged into it.
type walk struct {
	*Replay
	find Find
	out  Replayed
}

// replaying is one card under way, by both rules.
type replaying struct {
	history       *History
	before, after *course
	kept          map[EntryID]bool
	off           map[EntryID]int64 // what grants took off in the ledger
	first         bool
	ended         bool
	balance       int64 // in the ledger
}

// through replays a card up to the end of the span.
func (w *walk) through(h *History) (*replaying, error) {
	p := &replaying{history: h, kept: map[EntryID]bool{}, off: map[EntryID]int64{}, first: true}
	p.before = newCourse(w.Replay, h, w.Replay.current, &w.out.Before)
	p.after = newCourse(w.Replay, h, w.changed, &w.out.After)
	for e, err := range h.Entries {
		if err != nil {
			return nil, err
		}
		if e.Posted.After(w.To) {
			break
		}
		if err := w.entry(p, &e); err != nil {
			return nil, err
		}
		w.out.Entries++
		p.first, p.balance = false, e.Balance
		if w.inSpan(e.Posted) {
			w.out.Off += e.Counted.Off
		}
	}
	return p, nil
}

// entry replays what led to one entry.
func (w *walk) entry(p *replaying, e *DetailedEntry) error {
	within := w.inSpan(e.Posted)
	switch {
	case e.Kind == Complete, p.first && welcomes(&p.history.Card, &e.Entry): // followed by itself
		p.before.welcomed(e)
		p.after.welcomed(e)
		return nil
	case e.Kind == Merge && e.Commitment == Hash{}:
		p.ended = true
		return nil
	case e.Kind == Merge:
		return w.merge(p, e)
	case e.Kind == Expire:
		if !w.wasOffline(&e.Entry) { // else what was done then follows, and lets go of what was due then
			p.before.lapse(e.Posted, within)
			p.after.lapse(e.Posted, within)
		}
		return nil
	}
	before, why := w.action(p, p.before, e)
	after, whyNot := w.action(p, p.after, e)
	if why == "" {
		why = whyNot
	}
	if why != "" {
		p.kept[e.ID] = true
		before, after = p.before.keep(p.history, e), p.after.keep(p.history, e)
		if within {
			kept := w.out.Kept[why]
			w.out.Kept[why] = Kept{kept.Entries + 1, kept.Units + e.Units}
		}
	}
	w.do(p.before, e, before)
	w.do(p.after, e, after)
	return nil
}

// do decides what was done once more.
func (w *walk) do(c *course, e *DetailedEntry, do Action) {
	if do != nil {
		c.do(w.command(c, e, do), e, w.inSpan(e.Posted))
	}
}

// merge replays the card that ended, and what was made of both.
func (w *walk) merge(p *replaying, e *DetailedEntry) error {
	h, err := w.find(e.Origin)
	if err != nil {
		return err
	}
	from, err := w.through(h)
	if err != nil {
		return err
	}
	p.before.inherit(from.before, e)
	p.after.inherit(from.after, e)
	return nil
}
