package loyalty

import "time"

// Device is a phone that holds a token of one card. Of the token only a hash is
// kept, and not here.
type Device struct {
	ID      DeviceID
	Card    CardID
	Name    string // what the app calls it; may be empty
	Created time.Time
	Revoked time.Time // zero for not
}

// MaxPhones is how many phones may hold a token of one card at a time. A merge may
// bring more together: then none is added until enough are revoked.
const MaxPhones = 10

// CheckPhones refuses one more than may be, for a card with that many phones now.
// Errors: too_many_phones.
func CheckPhones(live int64) error {
	if live < MaxPhones {
		return nil
	}
	return refuse(TooManyPhones, "This card is on 10 phones already. Revoke the token of one that is no longer used, then ask again.")
}
