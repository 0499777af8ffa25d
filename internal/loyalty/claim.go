package loyalty

import "time"

// Told is what a guard hears of the batches before.
type Told struct {
	Done   []Outcome
	Undone []Paced // counted, and nothing happened, as Reached.Undone says
}

// IsEmpty reports whether there is nothing to tell.
func (t *Told) IsEmpty() bool { return len(t.Done) == 0 && len(t.Undone) == 0 }

// Asked is what a guard is asked about a batch.
type Asked struct {
	Claims []Claim
	Paced  []Paced
}

// IsEmpty reports whether there is nothing to ask.
func (a *Asked) IsEmpty() bool { return len(a.Claims) == 0 && len(a.Paced) == 0 }

// Answered has an answer for each thing that was Asked.
type Answered struct {
	Used    []*Outcome // the commit of another owner, or nil
	Reached []Reached
}

// Claim is what a request is about to do, before the database is asked: spend a
// nonce on an action.
type Claim struct {
	Merchant MerchantID // whose till asks: only its own outcomes are told to it
	Nonce    Nonce
	Action   EntryKind
	Owner    RequestID // the same owner may claim again: a retry is not a replay
}

// Answers reports whether a claim has to hear of this outcome: its spending was
// done, for another request of the same merchant. Which merchant's card it is
// only the database knows, so to any other merchant nothing is said.
func (o *Outcome) Answers(c Claim) bool {
	return o.Nonce == c.Nonce && o.Action == c.Action && o.Merchant == c.Merchant && o.Owner != c.Owner
}

// Outcome is a claim that was committed. Replays of its nonce can be answered
// from it without the database.
type Outcome struct {
	Claim
	Scan     ScanID
	Till     TillID
	TillName string
	Entry    EntryID
	At       time.Time
}

// Use is the outcome as the ledger remembers it.
func (o *Outcome) Use(card CardID) *Use {
	return &Use{
		Nonce: o.Nonce, Action: o.Action, Card: card, Scan: o.Scan,
		Till: o.Till, TillName: o.TillName, Entry: o.Entry, At: o.At,
	}
}
