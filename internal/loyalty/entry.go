package loyalty

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// EntryKind is what a line of the ledger does. The numbers stand in canonical
// bytes and must never change.
type EntryKind uint8

// The kinds of entries.
const (
	Earn     EntryKind = 1 // units come in for a visit or purchase
	Complete EntryKind = 2 // a full stamp card: −card_size, and a voucher
	Redeem   EntryKind = 3 // a reward goes out, for units or for a voucher
	Grant    EntryKind = 4 // a discount is taken off a purchase, which counts for the next one
	Expire   EntryKind = 5 // units lapse
	Void     EntryKind = 6 // takes another entry back
	Adjust   EntryKind = 7 // the merchant corrects by hand
	Opening  EntryKind = 8 // what a card starts with: welcome units, a paper card's stamps
	Merge    EntryKind = 9 // the balance goes from one card to another; both have one

	Refund EntryKind = 10 // takes back what a refunded part of a purchase has earned or counted
)

var entryKindNames = [...]string{
	Earn: "earn", Complete: "complete", Redeem: "redeem", Grant: "grant", Expire: "expire",
	Void: "void", Adjust: "adjust", Opening: "opening", Merge: "merge",
	Refund: "refund",
}

func (k EntryKind) String() string { return nameOf(entryKindNames[:], k) }

// ParseEntryKind reads what EntryKind.String writes.
func ParseEntryKind(text string) (EntryKind, error) {
	return parseName[EntryKind](entryKindNames[:], text, "kind of entry")
}

// Hash is a SHA-256.
type Hash [32]byte

// Entry is one line of a card's append-only ledger. Times are UTC microseconds.
type Entry struct {
	ID       EntryID
	Merchant MerchantID // whose till or system acted
	Operator MerchantID // whose card it is; another one only for coalition cards
	Card     CardID
	Seq      int64 // 1, 2, 3 … per card
	Kind     EntryKind
	Units    int64 // may be negative
	Balance  int64 // of the card after this entry
	Program  ProgramID
	Version  int32 // of the program, that decided
	Location LocationID
	Till     TillID
	Staff    StaffID // whose PIN approved, if any
	Method   Method
	Captured time.Time // when the card was presented
	Posted   time.Time
	Origin   EntryID   // what a void takes back or a refund a part of, which entry filled the card, or the merge on the other card
	Reward   RewardID  // what a redemption hands out
	Voucher  VoucherID // which voucher was used or given back
	Counted  Counted   // of a program with a standing

	Commitment Hash // to a Detail, or the Hash of the merge on the card that ended; zero without one
	Hash       Hash // of the chain up to and including this entry

	Lifted Lifted // what the PIN of Staff lifted for it; beside the chain, which does not hold it

	// Explained is the Detail of an earn without a purchase, as its salt and then its
	// body: there is one for each such earn of a program with rules, and a row of its own
	// would cost as much as the entry's. Empty: none, or it was erased.
	Explained string
}

// Explanation is what Explained says; false where it is empty.
func (e *Entry) Explanation() (Detail, bool) {
	if len(e.Explained) < saltLength {
		return Detail{}, false
	}
	return Detail{Entry: e.ID, Salt: [saltLength]byte([]byte(e.Explained)), Body: []byte(e.Explained[saltLength:])}, true
}

const saltLength = 16

// Detail is what an entry only commits to: the basket of a purchase, the note
// of an adjustment. It may be erased; the chain stays whole.
type Detail struct {
	Entry EntryID
	Salt  [saltLength]byte
	Body  []byte // JSON
}

// CanonicalFormat is the first byte of canonical bytes; CountedFormat that of those
// which go on with Counted, for an entry that has a month.
const (
	CanonicalFormat = 1
	CountedFormat   = 2
)

const canonicalLength = 279

// Canonical is the entry as the chain sees it: fixed fields in a fixed order,
// big-endian, times as microseconds since 1970. The form is specified, with
// vectors, in mobile-contracts/ledger.md.
func (e *Entry) Canonical() []byte {
	b := make([]byte, 0, canonicalLength)
	b = append(b, e.format())
	b = append(b, e.ID[:]...)
	b = append(b, e.Merchant[:]...)
	b = append(b, e.Operator[:]...)
	b = append(b, e.Card[:]...)
	b = put64(b, e.Seq)
	b = append(b, byte(e.Kind))
	b = put64(b, e.Units)
	b = put64(b, e.Balance)
	b = append(b, e.Program[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(e.Version))
	b = append(b, e.Location[:]...)
	b = append(b, e.Till[:]...)
	b = append(b, e.Staff[:]...)
	b = append(b, byte(e.Method))
	b = put64(b, e.Captured.UnixMicro())
	b = put64(b, e.Posted.UnixMicro())
	b = append(b, e.Origin[:]...)
	b = append(b, e.Reward[:]...)
	b = append(b, e.Voucher[:]...)
	b = append(b, e.Commitment[:]...)
	if e.format() == CountedFormat {
		b = e.Counted.append(b)
	}
	return b
}

func (e *Entry) format() byte {
	if e.Counted.Month == 0 {
		return CanonicalFormat
	}
	return CountedFormat
}

// FirstLink is what stands before a card's first entry: SHA-256(card id).
func FirstLink(card CardID) Hash { return sha256.Sum256(card[:]) }

// Link returns SHA-256(previous ‖ canonical bytes): the entry's hash when
// previous is the hash of the card's entry before it.
func (e *Entry) Link(previous Hash) Hash {
	return sha256.Sum256(append(previous[:], e.Canonical()...))
}
