package loyalty

import "time"

// ApprovalLife is how long a till has to approve what was tapped at the counter.
const ApprovalLife = 30 * time.Second

// Approval is a customer at the counter who waits for somebody at a till to approve
// a tap.
type Approval struct {
	ID       ApprovalID
	Merchant MerchantID
	Location LocationID // whose tills may decide
	Program  ProgramID
	Card     CardID
	Tapped   Tapped
	Units    int64 // that it was worth when it was asked for
	Asked    time.Time
	Expires  time.Time

	Decided time.Time // zero: not
	Till    TillID    // that decided
	Staff   StaffID   // who was there, if anybody said so
	Entry   EntryID   // that it earned; zero: none
}

// ApprovalState is what became of an Approval.
type ApprovalState string

// The states of approvals.
const (
	Waiting  ApprovalState = "waiting"
	Approved ApprovalState = "approved"
	Rejected ApprovalState = "refused"
	RanOut   ApprovalState = "expired"
)

// State is what became of it by now.
func (a *Approval) State(now time.Time) ApprovalState {
	switch {
	case !a.Entry.IsZero():
		return Approved
	case !a.Decided.IsZero():
		return Rejected
	case !now.Before(a.Expires):
		return RanOut
	}
	return Waiting
}

// CheckWaiting holds that a till of a shop may decide at now. Errors:
// approval_not_found, approval_decided, approval_expired.
func (a *Approval) CheckWaiting(m MerchantID, l LocationID, now time.Time) error {
	if a.Merchant != m || a.Location != l {
		return refuse(ApprovalNotFound, "Nobody waits under this id.")
	}
	switch a.State(now) {
	case Waiting:
		return nil
	case RanOut:
		return refuse(ApprovalExpired, "This took too long: the customer can tap again.")
	case Approved:
		r := refuse(ApprovalDecided, "This was approved already.")
		r.Entry = a.Entry
		return r
	}
	return refuse(ApprovalDecided, "This was refused already.")
}

// Reject ends the wait. Errors: as of CheckWaiting; what was refused before stays so.
func (a *Approval) Reject(till Till, staff StaffID, now time.Time) error {
	if a.Merchant == till.Merchant && a.Location == till.Location && a.State(now) == Rejected {
		return nil
	}
	if err := a.CheckWaiting(till.Merchant, till.Location, now); err != nil {
		return err
	}
	a.Decided, a.Till, a.Staff = now, till.ID, staff
	return nil
}

// Present makes a command approve what was asked for, on its card.
func (a *Approval) Present(c *Command) {
	c.Card, c.Captured = a.Card, a.Asked
	c.Do = Approving{Approval: a.ID}
	c.Scan = Scanned{ID: ScanID(a.ID), Method: Counter, Tapped: a.Tapped}
}

// approve earns what a till approves. Decide holds the row locked, so that it is
// decided once.
func (d *deciding) approve(do Approving) error {
	asked := d.facts.Approvals[do.Approval]
	if err := asked.CheckWaiting(d.cmd.Merchant, d.cmd.Location, d.now); err != nil {
		return err
	}
	if err := d.earn(d.rules.counted()); err != nil {
		return err
	}
	asked.Decided, asked.Till, asked.Staff, asked.Entry = d.now, d.cmd.Till, d.cmd.Staff, d.out.Primary(Earn).ID
	d.out.Decided = append(d.out.Decided, asked)
	return nil
}
