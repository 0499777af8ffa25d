package loyalty

import "time"

// Claim announces, before the database is asked, that a request is about to
// spend a nonce on an action.
type Claim struct {
	Nonce  Nonce
	Action EntryKind
	Owner  RequestID // the same owner may claim again: a retry is not a replay
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
