package loyalty

import (
	"slices"
	"time"
)

// CounterRule says what customers get who tap a shop's own tag with their phone.
// Nobody has scanned a card then: a program must switch it on.
type CounterRule struct {
	Enabled  bool   `json:"enabled,omitempty"`
	Approval string `json:"approval,omitempty"` // ByTill, or ByNobody; "": ByTill
	Units    int64  `json:"units,omitempty"`    // ByUnits: for one tap; 0: 1
	Cooldown int64  `json:"cooldown_seconds,omitempty"`
}

// Who approves what was tapped at the counter.
const (
	ByTill   = "till"
	ByNobody = "none"
)

// approved reports whether a tap waits for somebody at a till.
func (r *CounterRule) approved() bool { return r.Approval != ByNobody }

// checkCounter is Rules.Check for the counter.
func (r *Rules) checkCounter() error {
	c := &r.Counter
	bad := func(field, problem string) error { return &FieldError{Field: "counter." + field, Problem: problem} }
	switch {
	case c.Enabled && r.Kind == Discount:
		return bad("enabled", "is not for discount cards: they earn nothing")
	case c.Enabled && r.Earn.By == BySpend:
		return bad("enabled", "is not for programs that earn by spend: a tap says nothing of the purchase")
	case c.Approval != "" && c.Approval != ByTill && c.Approval != ByNobody:
		return bad("approval", "must be till or none")
	case c.Units != 0 && r.Earn.By != ByUnits:
		return bad("units", "is only for programs that earn by units")
	case c.Units < 0 || c.Units > MaxUnits || r.Kind == Stamps && c.Units > maxCards*r.Card.Size:
		return bad("units", "is out of range")
	case c.Cooldown < 0 || c.Cooldown > MaxSeconds:
		return bad("cooldown_seconds", "is out of range")
	}
	return nil
}

// CounterLate is how long after a higher value of a counter tag was seen a lower one
// is still taken: the customer before was slower with the phone.
const CounterLate = time.Minute

// Seen is a value of a counter tag, and when it was seen.
type Seen struct {
	Value uint32
	At    time.Time
}

// Gap are values of a counter tag that nobody had come with when a higher one was
// seen: somebody tapped and went no further, or keeps them for later.
type Gap struct {
	ID          GapID
	Tag         TagID
	Epoch       int32
	First, Last uint32
	Late        int64 // of them came after all, within CounterLate
	Seen        time.Time
}

// Missing is how many of the values nobody came with.
func (g *Gap) Missing() int64 { return int64(g.Last) - int64(g.First) + 1 - g.Late }

// takes reports whether a counter tag's value is unused and not too late. Values that
// were seen CounterLate ago are at most Floor; of later ones Recent knows each.
func (t *Tag) takes(value uint32, now time.Time) bool {
	if value <= t.Floor {
		return false
	}
	return !slices.ContainsFunc(t.Recent, func(s Seen) bool {
		return s.Value == value || s.Value > value && now.Sub(s.At) > CounterLate
	})
}

// see notes a value that the tag takes.
func (t Tag) see(value uint32, now time.Time) Tag {
	recent := []Seen{{Value: value, At: now}}
	for _, s := range t.Recent {
		if now.Sub(s.At) > CounterLate {
			t.Floor = max(t.Floor, s.Value)
		} else {
			recent = append(recent, s)
		}
	}
	// Behind the floor nothing needs to be remembered one by one.
	t.Recent = slices.DeleteFunc(recent, func(s Seen) bool { return s.Value <= t.Floor })
	t.Counter = max(t.Counter, value)
	return t
}

// checkCounterTap refuses a tap of a counter tag that is used, too old, of another
// program, or not offered here and now. Errors: tag_not_found, credential_revoked,
// counter_not_offered, counter_other_program, credential_already_used, shop_closed.
func (d *deciding) checkCounterTap() error {
	tapped := d.cmd.Scan.Tapped
	tag := d.facts.Tags[tapped.Tag]
	if err := tag.checkOf(tapped); err != nil {
		return err
	}
	switch {
	case !tag.OnCounter():
		return refuse(TagNotFound, "This is no tag of a shop's counter.")
	case tag.Program != d.card.Program:
		return refuse(CounterOtherProgram, "This card is of another program than the tag on the counter.")
	case !d.rules.Counter.Enabled:
		return refuse(CounterNotOffered, "This program gives nothing for a tap at the counter. Show the card at the till.")
	}
	_, approving := d.cmd.Do.(Approving) // its value was seen when it was tapped
	if !approving && !tag.takes(tapped.Counter, d.now) {
		return refuse(CredentialUsed, "This tap was used already, or others have tapped since. Tap again.")
	}
	if at := d.cmd.Captured; !tag.Hours.Open(at, tag.Zone) {
		r := refuse(ShopClosed, "The shop is closed now. Tap again when it is open.")
		r.RetryAt = tag.Hours.Next(at, tag.Zone)
		return r
	}
	return nil
}

// counted is what a tap at the counter is worth, in the terms of the program's
// EarnRule.
func (r *Rules) counted() Earning {
	if r.Earn.By == ByUnits {
		return Earning{Units: max(r.Counter.Units, 1)}
	}
	return Earning{}
}

// tapCounter earns for a tap at the counter, or asks a till to approve it: once, however
// often a customer who waits taps the same tag again. Either way the tap is used.
func (d *deciding) tapCounter(do CounterTap) error {
	if !d.rules.Counter.approved() {
		return d.earn(d.rules.counted())
	}
	units, err := d.worth(d.rules.counted())
	if err != nil {
		return err
	}
	d.out.Why = nil // that is told when it is approved
	d.countTap()
	if d.out.Waits = d.waits(); d.out.Waits != nil {
		return nil
	}
	d.out.Asked = append(d.out.Asked, Approval{
		ID: do.Approval, Merchant: d.cmd.Merchant, Location: d.cmd.Location, Program: d.card.Program, Card: d.card.ID,
		Tapped: d.cmd.Scan.Tapped, Units: units, Asked: d.now, Expires: d.now.Add(ApprovalLife),
	})
	return nil
}

// waits is the approval for which the card waits already at the tag that was tapped;
// nil if it does not.
func (d *deciding) waits() *Approval {
	for _, a := range d.state.Waiting {
		if a.Tapped.Tag == d.cmd.Scan.Tapped.Tag && a.CheckWaiting(d.cmd.Merchant, d.cmd.Location, d.now) == nil {
			return &a
		}
	}
	return nil
}

// seeTap notes the value of a counter tag, and the gap before it.
func (d *deciding) seeTap(tag Tag, value uint32) {
	switch {
	case tag.Counter > 0 && value > tag.Counter+1:
		d.out.Gaps = append(d.out.Gaps, Gap{
			ID: d.newID(), Tag: tag.ID, Epoch: tag.Epoch, First: tag.Counter + 1, Last: value - 1, Seen: d.now,
		})
	case value < tag.Counter:
		d.out.CameLate = append(d.out.CameLate, Tapped{Tag: tag.ID, Epoch: tag.Epoch, Counter: value})
	}
	d.out.Tags = append(d.out.Tags, tag.see(value, d.now))
}
