package loyalty

import "time"

// Member is a person of one merchant, as everybody sees them who may not know
// who that is: what is known of them is sealed, and found by blind indexes.
type Member struct {
	ID       MemberID
	Merchant MerchantID
	Created  time.Time
	Changed  time.Time
	Sealed   []byte // the profile
	Indexes  []Hash // of each contact, one under each key in force

	Belonging Belonging
}

// Consent is one line of what a member has allowed and taken back. It never
// changes; the newest line of a purpose holds.
type Consent struct {
	ID      ConsentID
	Member  MemberID
	Purpose string
	Given   bool // or withdrawn
	At      time.Time
	Sealed  []byte // what the member was shown, and where
}

// Attachment is a card with whose it is.
type Attachment struct {
	Card   CardID
	Member MemberID
	At     time.Time
}

// TakenError says that a contact is another member's.
type TakenError struct {
	Index Hash
	By    MemberID
}

func (e *TakenError) Error() string { return "a contact belongs to " + e.By.String() }

// DetailedEntry is an entry with what it commits to, where that was not erased.
type DetailedEntry struct {
	Entry
	Salt   [16]byte // of its commitment
	Detail []byte   // JSON; nil: none
}
