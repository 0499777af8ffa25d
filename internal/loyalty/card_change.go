package loyalty

import "time"

// CardChange is what the office did to a card. It moves no units, so it is no
// entry; and its note, which may be about a person, can be erased.
type CardChange struct {
	ID      ChangeID
	Card    CardID
	Kind    ChangeKind
	Surface Surface // of Reissue, else NoSurface
	Key     APIKeyID
	At      time.Time
	Note    string

	RevokePhones bool // of Reissue, when it is done: it shows on the phones, not on the change
}

// ChangeKind is what was done.
type ChangeKind uint8

// The kinds of changes.
const (
	Block   ChangeKind = iota + 1 // nothing can be done with the card from then on
	Unblock                       // it can be used again
	Reissue                       // after a loss: a surface gets its next generation
)

var changeKindNames = [...]string{Block: "block", Unblock: "unblock", Reissue: "reissue"}

func (k ChangeKind) String() string { return nameOf(changeKindNames[:], k) }

// ParseChangeKind reads what ChangeKind.String writes.
func ParseChangeKind(text string) (ChangeKind, error) {
	return parseName[ChangeKind](changeKindNames[:], text, "kind of change")
}

// Apply changes the card, which must be locked.
func (c *CardChange) Apply(card *Card) {
	switch {
	case c.Kind == Block:
		card.Blocked = true
	case c.Kind == Unblock:
		card.Blocked = false
	case c.Surface == Print:
		card.PrintGen++
	case c.Surface == Wallet:
		card.WalletGen++
	}
}
