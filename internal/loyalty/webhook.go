package loyalty

import "time"

// Webhook is an address of a merchant that is told of every entry of its cards.
type Webhook struct {
	ID          WebhookID
	Merchant    MerchantID
	URL         string
	Description string
	Kinds       Kinds // of entries that it is told of
	Created     time.Time
	Disabled    time.Time // zero: it is enabled

	Secret        []byte    // sealed: what deliveries are signed with
	Previous      []byte    // sealed: the secret before, nil for none
	PreviousUntil time.Time // until when deliveries are signed with Previous too

	Failures     int64     // failed attempts in a row, of any card
	FailingSince time.Time // the first of them; zero for none
	RestUntil    time.Time // nothing is sent before then
}

// Enabled reports whether deliveries are made.
func (w *Webhook) Enabled() bool { return w.Disabled.IsZero() }

// Kinds is a set of kinds of entries: bit 1<<kind for each.
type Kinds int64

// AllKinds are those there are and those to come.
const AllKinds Kinds = 1<<32 - 1

// KindsOf is the set of some kinds.
func KindsOf(kinds ...EntryKind) Kinds {
	var set Kinds
	for _, k := range kinds {
		set |= 1 << k
	}
	return set
}

// Has reports whether a kind is in the set.
func (s Kinds) Has(k EntryKind) bool { return s&(1<<k) != 0 }

// EntryKinds are all kinds of entries, in the order of their numbers.
func EntryKinds() []EntryKind {
	var kinds []EntryKind
	for kind, name := range entryKindNames {
		if name != "" {
			kinds = append(kinds, EntryKind(kind))
		}
	}
	return kinds
}

// Delivery is what a webhook still has to be told of one card: its entries from
// First to Last, in order, of which First is tried now. Most are gone within a
// second; what stays waits for its next attempt, with the card's later entries
// behind it, so that a card is told in order.
//
// A dead letter is an entry whose attempts are used up. It is alone: its card's
// later entries went on without it.
type Delivery struct {
	Webhook WebhookID
	Card    CardID
	Entry   EntryID // the one with the Seq First
	First   int64   // Seq
	Last    int64   // Seq
	Dead    bool

	Attempts int64     // made for Entry
	Status   int64     // the HTTP status that the last attempt was answered; 0 for none
	Problem  string    // of the last attempt
	Tried    time.Time // the last attempt; zero for none
	Due      time.Time // of the next attempt; zero for none
}

// Leased is a delivery that one worker has to itself until its lease ends.
type Leased struct {
	Delivery
	Lease [16]byte // names the claim: who comes after the lease's end changes nothing
}

// Settlement is what became of a claimed delivery.
type Settlement struct {
	Through int64   // Seq of the last entry that was told, First-1 for none
	Next    EntryID // the one that failed, the next after Through; zero: none did
	NextSeq int64
	Status  int64
	Problem string
	Due     time.Time // of the next attempt; zero: Next becomes a dead letter
	At      time.Time

	// Judge says of a webhook that has failed so many times in a row, since then,
	// this time included, until when nothing is sent to it, zero for at once, and
	// whether it is given up. It is asked, when Next failed, about what the webhook
	// has come to in the meantime: others may have told it something. nil: neither.
	Judge func(failures int64, since time.Time) (rest time.Time, giveUp bool)
}

// Backlog is what all enabled webhooks still have to be told.
type Backlog struct {
	Waiting int64     // cards with entries that wait
	Dead    int64     // dead letters, of all
	Oldest  time.Time // of the waiting entries; zero for none
}
