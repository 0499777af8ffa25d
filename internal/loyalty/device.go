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
