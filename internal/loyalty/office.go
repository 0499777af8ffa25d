package loyalty

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Why the office refuses.
const (
	LocationNotFound Code = "location_not_found"
	TillNotFound     Code = "till_not_found"
	StaffNotFound    Code = "staff_not_found"
	KeyNotFound      Code = "key_not_found"
	PairingNotFound  Code = "pairing_not_found"
	StaffDismissed   Code = "staff_dismissed"
	PINUnavailable   Code = "pin_unavailable"
	KeyRevoked       Code = "key_revoked"
	LastAdminKey     Code = "last_admin_key"
)

// PairingLife is how long a pairing code may be used.
const PairingLife = 15 * time.Minute

// MaxGrace is how long the secret before may go on working after a rotation.
const MaxGrace = 24 * time.Hour

// TillListing is a till as the office sees it.
type TillListing struct {
	Till
	HasToken  bool // some device has been paired
	Created   time.Time
	Paired    time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
	BlockedAt time.Time // zero: not blocked
	Lease     LeaseRule
}

// Block lets the till do nothing from now on, or something again. One that was
// blocked before stays blocked since then.
func (t *TillListing) Block(blocked bool, now time.Time) {
	switch {
	case !blocked:
		t.BlockedAt = time.Time{}
	case t.BlockedAt.IsZero():
		t.BlockedAt = now
	}
	t.Blocked = blocked
}

// StaffListing is somebody of the staff as the office sees them.
type StaffListing struct {
	Staff
	HasPIN    bool
	Created   time.Time
	Dismissed time.Time // zero: not
}

// KeyListing is an API key as the office sees it: without any hash.
type KeyListing struct {
	ID          APIKeyID
	Merchant    MerchantID
	Name        string
	Scope       Scope
	Created     time.Time
	Revoked     time.Time // zero: not
	FormerUntil time.Time // when the secret before ends, or ended; zero: there was none
}

// Pairing is an open pairing code of a till.
type Pairing struct {
	Till    TillID
	Code    Hash // keyed
	Expires time.Time
}

// PairedTill is what a device that was just paired has to know.
type PairedTill struct {
	Till TillListing
	At   Location
	Of   Merchant
}

const longestName = 100 // characters

// CheckName holds that a name of the office is one line for people: 1 to 100
// characters, with no space before or behind. Errors: a *FieldError.
func CheckName(field, name string) error {
	if name == "" || utf8.RuneCountInString(name) > longestName || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return &FieldError{Field: field, Problem: fmt.Sprintf("must be one line of 1 to %d characters, without spaces around it", longestName)}
	}
	return nil
}
