package loyalty

import (
	"slices"
	"time"
)

// Device is what holds a secret of one card: a phone's app, a browser, a wallet.
// Phones and browsers also hold a token of the card; of that only a hash is kept,
// and not here. A recovery link holds a token alone, and is told no secret.
type Device struct {
	ID      DeviceID
	Card    CardID // whose it is now
	Home    CardID // that it was added to: its secrets are of that one's number
	Kind    DeviceKind
	Name    string // what the app calls it; may be empty
	Secret  Secret // of its rotating codes
	Created time.Time
	Revoked time.Time // zero for not
}

// DeviceKind is what holds the secret. Zero is none: of an erased device only the
// number of its secret is kept, so that no other device ever gets it.
type DeviceKind uint8

// The kinds of devices.
const (
	Phone    DeviceKind = iota + 1 // the merchant's app
	Browser                        // the web card
	Google                         // a pass in Google Wallet: it has no token
	Recovery                       // a link that opens the card anew, once: its token is good for nothing else
)

var deviceKindNames = [...]string{Phone: "phone", Browser: "web", Google: "google", Recovery: "recovery"}

// IsPhone reports whether it is one of those of which a card has at most MaxPhones.
func (k DeviceKind) IsPhone() bool { return k == Phone || k == Browser }

func (k DeviceKind) String() string { return nameOf(deviceKindNames[:], k) }

// ParseDeviceKind reads what DeviceKind.String writes.
func ParseDeviceKind(text string) (DeviceKind, error) {
	return parseName[DeviceKind](deviceKindNames[:], text, "kind of device")
}

// Secret names the secret of a card's rotating codes: which device of the card
// holds it, and the how-manieth of that device. Both count from 1; the zero
// Secret is none. The secret itself follows from them and is kept nowhere.
type Secret struct{ Number, Epoch uint16 }

// CheckSecret refuses a rotating code whose secret is none of the card's any
// more, because its device was revoked or got another one. Errors:
// credential_revoked.
func CheckSecret(good []Secret, scan *Scanned) error {
	if scan.Secret == (Secret{}) || slices.Contains(good, scan.Secret) {
		return nil
	}
	return refuse(CredentialRevoked, "The phone or wallet that made this code was signed out of the card. Ask the customer to open the card anew.")
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
