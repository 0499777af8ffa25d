package loyalty

import (
	"crypto/subtle"
	"time"
)

// Scope is what an API key may do. Both are for servers, never for phones.
type Scope string

// The scopes: Admin includes App.
const (
	Admin Scope = "admin" // runs the business
	App   Scope = "app"   // serves customers: cards, codes, phones, claims, members
)

// Access is a till, an API key or a phone with the hash of its secret.
type Access struct {
	Merchant MerchantID
	Hash     Hash // SHA-256 of the secret part of the token
	Revoked  bool

	Former      Hash      // of a key: of the secret before, which works, too, …
	FormerUntil time.Time // … until then; zero: there is none

	Key    APIKeyID // zero unless it is a key
	Scope  Scope    // of the key
	Till   Till     // zero unless it is a till
	Limits Limits   // of the till's merchant; zero unless it is a till
	Device DeviceID // zero unless it is a phone
	Card   CardID   // the only one that the phone may use

	DeviceKind DeviceKind // of the phone; a Recovery may do nothing but open the card anew
}

// Proves reports, in constant time, whether a secret with this hash is one of
// those that work now.
func (a *Access) Proves(secret Hash, now time.Time) bool {
	current := subtle.ConstantTimeCompare(a.Hash[:], secret[:]) == 1
	former := subtle.ConstantTimeCompare(a.Former[:], secret[:]) == 1
	return current || former && now.Before(a.FormerUntil)
}
