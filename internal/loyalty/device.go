package loyalty

import (
	"slices"
	"time"
)

// Device is what holds a secret of one card: a phone's app, a browser, a wallet.
// Phones and browsers also hold a token of the card; of that only a hash is kept,
// and not here.
type Device struct {
	ID      DeviceID
	Card    CardID
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
	Phone   DeviceKind = iota + 1 // the merchant's app
	Browser                       // the web card
	Google                        // a pass in Google Wallet: it has no token
)

var deviceKindNames = [...]string{Phone: "phone", Browser: "web", Google: "google"}

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
