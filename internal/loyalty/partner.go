package loyalty

import "time"

// Partner is a merchant whose tills honour the cards of another merchant's program.
// The operator invites, the other accepts, and either ends it at once; what was
// posted until then stays. Invited anew, one that has ended begins again.
type Partner struct {
	Program  ProgramID
	Merchant MerchantID // not the operator
	Invited  time.Time
	Since    time.Time // zero: not accepted yet
	Until    time.Time // zero: it goes on
}

// Partnership names a Partner.
type Partnership struct {
	Program  ProgramID
	Merchant MerchantID
}

// Name is what the partner is known by.
func (p *Partner) Name() Partnership { return Partnership{p.Program, p.Merchant} }

// MaxPartners of a program, those included that have ended.
const MaxPartners = 100

// PartnerState is how far a partnership has come.
type PartnerState string

// The states of a partnership.
const (
	PartnerInvited PartnerState = "invited"
	PartnerActive  PartnerState = "active"
	PartnerEnded   PartnerState = "ended"
)

// State is how far the partnership has come.
func (p *Partner) State() PartnerState {
	switch {
	case !p.Until.IsZero():
		return PartnerEnded
	case p.Since.IsZero():
		return PartnerInvited
	}
	return PartnerActive
}

// Accept begins an invited partnership; one that goes on stays as it is. Errors:
// partnership_ended.
func (p *Partner) Accept(now time.Time) error {
	switch p.State() {
	case PartnerEnded:
		return refuse(PartnershipEnded, "This partnership has ended, or the invitation was taken back. Ask the operator for a new invitation.")
	case PartnerInvited:
		p.Since = now
	}
	return nil
}

// Term is a time in which somebody was a partner.
type Term struct{ Since, Until time.Time }

// Invite begins anew what has ended; anything else stays as it is. It returns when the
// merchant was a partner before, the zero Term where it was not.
func (p *Partner) Invite(now time.Time) (over Term) {
	if p.State() != PartnerEnded {
		return over
	}
	if !p.Since.IsZero() {
		over = Term{p.Since, p.Until}
	}
	p.Invited, p.Since, p.Until = now, time.Time{}, time.Time{}
	return over
}

// End ends the partnership, or the invitation to it.
func (p *Partner) End(now time.Time) {
	if p.Until.IsZero() {
		p.Until = now
	}
}

// honours reports whether the partner's tills took cards at a moment.
func (p *Partner) honours(at time.Time) bool {
	return !p.Since.IsZero() && !at.Before(p.Since) && (p.Until.IsZero() || at.Before(p.Until))
}

// Honours reports whether a merchant's tills take a card now: its own, or one of a
// program in which it is a partner.
func (f *Facts) Honours(m MerchantID, s *State) bool {
	partner, found := f.Partners[Partnership{s.Card.Program, m}]
	return s.Card.Merchant == m || found && s.Program.Coalition != nil && partner.State() == PartnerActive
}

// mayTouch reports whether a command may act on a card: on its merchant's own with
// anything, on one of a coalition with what tills do, and only as a partner at the
// moment for which the command stands.
func (f *Facts) mayTouch(c *Command, s *State, now time.Time) bool {
	switch {
	case s.Card.Merchant == c.Merchant:
		return true
	case s.Program.Coalition == nil:
		return false
	}
	switch c.Do.(type) {
	case Earning, Redemption, Reserving, Granting, Reversal, Refunding:
		partner, found := f.Partners[Partnership{s.Card.Program, c.Merchant}]
		return found && partner.honours(c.at(now))
	}
	return false
}

// touches reports whether an entry may be taken back by whoever asks: the operator
// of the card takes back what it will, a partner its own.
func (d *deciding) touches(e *Entry) bool {
	return e.Merchant == d.cmd.Merchant || d.card.Merchant == d.cmd.Merchant
}

// PartnerListing is a partner as lists show it.
type PartnerListing struct {
	Partner
	Name         string // of the partner
	Operator     MerchantID
	OperatorName string
	ProgramName  string
}
