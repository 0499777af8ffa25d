package loyalty

import (
	"encoding/hex"
	"strings"
	"time"
)

// Tag is an NTAG 424 DNA chip. It stands for a card, as a plastic card or a key fob
// does; or, without one, on the counter of a shop, where customers tap it. What it makes at a tap it makes of its keys, which follow from merchant, UID and
// epoch and are kept nowhere.
type Tag struct {
	ID       TagID
	Merchant MerchantID
	Card     CardID     // that it was registered for, also after a merge; zero: it is on a counter
	Location LocationID // whose counter
	Program  ProgramID  // whose cards earn there
	UID      TagUID
	Epoch    int32  // from 1; another one, other keys: no chip of a merchant is in one twice
	KeyID    string // of the key that its own follow from
	Label    string // what people know it by; may be empty
	Counter  uint32 // the highest with which anything was done in this epoch
	Created  time.Time
	Revoked  time.Time // zero for not

	// Of a counter tag, which of its values are used; see takes.
	Floor  uint32
	Recent []Seen

	// Of its location, where Decide reads it; not stored with the tag.
	Zone  *time.Location
	Hours Hours
}

// OnCounter reports whether the tag is a shop's own.
func (t *Tag) OnCounter() bool { return t.Card.IsZero() }

// TagUID is the serial number of a chip.
type TagUID [7]byte

// ParseTagUID reads a serial number as String writes it.
func ParseTagUID(text string) (uid TagUID, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(uid) || text != strings.ToUpper(text) {
		return uid, false
	}
	return TagUID(b), true
}

// String is the serial number as 14 upper-case hex digits.
func (u TagUID) String() string { return strings.ToUpper(hex.EncodeToString(u[:])) }

// Tapped names one tap of a tag: its chip counts them in each epoch. The zero
// Tapped is none.
type Tapped struct {
	Tag     TagID
	Epoch   int32
	Counter uint32 // 24 bits
}

// CheckTap refuses what a tag made before it was revoked or got other keys, and a
// tap that is not later than the last one with which anything was done: a chip never
// counts back, so that one was copied and kept. A scan that has acted goes on acting.
// Errors: tag_not_found, credential_revoked, credential_already_used.
func CheckTap(tag Tag, uses []Use, scan *Scanned) error {
	tapped := scan.Tapped
	if scan.Method != Tap {
		return nil
	}
	if err := tag.checkOf(tapped); err != nil {
		return err
	}
	if tapped.Counter > tag.Counter || actedOn(uses, scan) {
		return nil
	}
	return refuse(CredentialUsed, "This tag was tapped again since, and that later tap was used already. Ask the customer to tap again.")
}

// checkOf refuses a tap of another tag, or of one that has ended.
func (t *Tag) checkOf(tapped Tapped) error {
	switch {
	case t.ID != tapped.Tag:
		return refuse(TagNotFound, "This tag is not one of this shop's. Ask the customer to show the card itself.")
	case !t.Revoked.IsZero() || t.Epoch != tapped.Epoch:
		return refuse(CredentialRevoked, "This tag was revoked or set up anew. Ask the customer to show the card itself.")
	}
	return nil
}

// actedOn reports whether the scan itself has used its nonce.
func actedOn(uses []Use, scan *Scanned) bool {
	for i := range uses {
		if uses[i].Nonce == scan.Nonce && uses[i].Scan == scan.ID {
			return true
		}
	}
	return false
}

// countTap raises the counter of the tag that was tapped, if any.
func (d *deciding) countTap() {
	tapped := d.cmd.Scan.Tapped
	tag := d.facts.Tags[tapped.Tag]
	switch {
	case d.cmd.Scan.Method == Counter:
		d.seeTap(tag, tapped.Counter)
	case tapped.Counter > tag.Counter:
		tag.Counter = tapped.Counter
		d.out.Tags = append(d.out.Tags, tag)
	}
}
