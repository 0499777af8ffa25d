package loyalty

import (
	"errors"
	"time"
)

// ClaimLife is how long a claim code can be claimed.
const ClaimLife = 14 * 24 * time.Hour

// MaxClaims is how many codes, without those that were withdrawn, a till gives out
// in any ClaimDay on its own; above it a manager approves each. It bounds what the
// thief of a till can print, whoever claims it.
const (
	MaxClaims = 100
	ClaimDay  = 24 * time.Hour
)

// CheckClaims holds that a till may give out one more code, after that many within
// a ClaimDay. Only Role of the command matters. Errors: pin_required.
func CheckClaims(given int64, c *Command) error {
	if given < MaxClaims || c.Role >= Manager {
		return nil
	}
	r := refuse(PINRequired, "This till has given out 100 codes within a day. Each further one needs a manager's PIN.")
	r.Needs = Manager
	return r
}

// ClaimCode is what a till gives a customer who has no phone there: single-use
// authority to earn on a card of the program later. Of the code itself only a
// hash is kept.
//
// It does not reserve its purchase. Whichever is first, a scan or a claim, is
// credited, and the other is refused: a slip that got lost does not cost the
// customer who had the phone after all.
type ClaimCode struct {
	ID       ClaimID
	Merchant MerchantID
	Program  ProgramID
	Till     TillID // that gave it out
	Location LocationID
	Staff    StaffID // whose PIN approved it, if any
	Role     Role    // of Staff
	Earning          // once it was claimed or withdrawn, without Purchase: the entry has a commitment to it
	Worth    int64   // units that it would have brought to a fresh card when it was given out
	Hash     Hash    // of the code
	Key      string  // id of the key that the code follows from
	Issued   time.Time
	Expires  time.Time

	Withdrawn time.Time // by the till or the office; zero for not
	Claimed   time.Time // zero for not
	Card      CardID    // that it was claimed to
	Entry     EntryID   // that it earned
}

// IssueClaim decides whether a till may give out a claim code, as c asks, and
// what for. Whatever does not hang on the card is settled here, by letting a
// fresh card earn: the till, the program's times, the purchase, the per-scan
// maximum with its PIN. What hangs on the card (its cooldown, its day) only the
// claim can tell. credited is the entry that the purchase has earned, if any.
//
// Only Merchant, Till, Location, Staff, Role, Captured and Do, an Earning, of the
// command matter. ID, Hash and Key of the code are the caller's to fill.
// Errors: *Refusal, as Decide of an Earning.
func IssueClaim(p *Program, till Till, c Command, credited EntryID) (ClaimCode, error) {
	code := ClaimCode{
		Merchant: c.Merchant, Program: p.ID, Till: c.Till, Location: c.Location, Staff: c.Staff, Role: c.Role,
		Earning: c.Do.(Earning), Issued: c.Captured, Expires: c.Captured.Add(ClaimLife),
	}
	open := *p
	open.Only = Only{} // whose card it will be only the claim can tell
	fresh := NewCard(NewID(), p, c.Captured)
	c.Card, c.Scan = fresh.ID, Scanned{}
	facts := Facts{
		Cards: map[CardID]*State{fresh.ID: {Program: &open, Card: fresh}},
		Tills: map[TillID]Till{till.ID: till},
	}
	if !credited.IsZero() {
		purchase := code.Purchase.Key(c.Merchant, c.Location)
		facts.Credits = map[Credit]EntryID{{Purchase: purchase, Program: p.ID}: credited}
	}
	d, err := Decide(&facts, &c, c.Captured, NewID)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Code == DailyCapReached:
		return ClaimCode{}, refuse(UnitsOutOfRange, "No card can earn that much in a day.")
	case err != nil:
		return ClaimCode{}, err
	}
	code.Worth = d.Primary(Earn).Units
	return code, nil
}

// Present makes a command claim the code, in the name of the till that gave it
// out and as of that moment. Set its Card.
func (k *ClaimCode) Present(c *Command) {
	c.Till, c.Location, c.Staff, c.Role, c.Captured = k.Till, k.Location, k.Staff, k.Role, k.Issued
	c.Do = Claiming{Claim: k.ID, Earning: k.Earning}
	c.Scan = Scanned{
		// The same for every card: it is the code that can be spent once.
		ID: ScanID(k.ID), Nonce: NewNonce(Slip, CardID{}, k.ID[:]), Method: Slip, Expires: k.Expires,
	}
}

// Usable refuses a code that cannot be claimed at now, or drawn. Errors:
// claim_already_used, claim_withdrawn, claim_expired.
func (k *ClaimCode) Usable(now time.Time) error {
	switch {
	case !k.Claimed.IsZero():
		return refuseClaimed(k.Claimed)
	case !k.Withdrawn.IsZero():
		return refuse(ClaimWithdrawn, "The shop has withdrawn this code. Ask there, with the receipt.")
	case now.After(k.Expires):
		return refuse(ClaimExpired, "This code has expired: codes are good for 14 days.")
	}
	return nil
}

// Withdraw takes a code back; one taken back before stays as it was. Errors:
// claim_already_used, with the entry that it earned.
func (k *ClaimCode) Withdraw(now time.Time) error {
	if !k.Claimed.IsZero() {
		r := refuse(ClaimUsed, "This code was claimed before. Void the entry that it earned instead.")
		r.Used, r.Entry = &Use{At: k.Claimed}, k.Entry
		return r
	}
	if k.Withdrawn.IsZero() {
		k.Withdrawn = now
	}
	k.Purchase = nil
	return nil
}

// LostClaims are the open codes of a till that go with its revocation: those that
// were given out from Since on, which may be zero, unless they are kept.
type LostClaims struct {
	Since time.Time
	Keep  bool
}

// refuseClaimed tells when a code was claimed, and nothing else: whoever asks may
// be the finder of the slip.
func refuseClaimed(at time.Time) *Refusal {
	r := refuse(ClaimUsed, "This code has already been claimed: each can be claimed once.")
	r.Used = &Use{At: at}
	return r
}

// claim earns by a claim code. Decide holds its row locked, so that it is claimed
// once, to whichever card.
func (d *deciding) claim(do Claiming) error {
	code, ok := d.facts.Claims[do.Claim]
	if !ok || code.Merchant != d.cmd.Merchant {
		return refuse(ClaimNotFound, "There is no such code. Compare it with the slip.")
	}
	if err := code.Usable(d.now); err != nil {
		return err
	}
	if code.Program != d.card.Program {
		return refuse(ClaimOtherProgram, "This code is for another program. Claim it with a card of that one.")
	}
	if err := d.earn(do.Earning); err != nil {
		return err
	}
	use := d.out.Uses[len(d.out.Uses)-1]
	d.out.Claimed = append(d.out.Claimed, Claimed{Claim: do.Claim, At: d.now, Card: d.card.ID, Entry: use.Entry})
	return nil
}
