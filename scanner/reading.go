package scanner

import (
	"crypto/sha256"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// Channel is how a text came into the till. It is what the till says, so it may
// only ever narrow what a text can be.
type Channel string

// The channels. A wedge is a barcode gun that types like a keyboard.
const (
	Camera Channel = "camera"
	Wedge  Channel = "wedge"
	NFC    Channel = "nfc"
	Typed  Channel = "typed"
)

// ParseChannel reads the name of a channel; the empty one is Camera. It reports
// false for a name that is none.
func ParseChannel(text string) (Channel, bool) {
	switch c := Channel(text); c {
	case "":
		return Camera, true
	case Camera, Wedge, NFC, Typed:
		return c, true
	}
	return "", false
}

// Reading is a text that a till has read.
type Reading struct {
	Merchant loyalty.MerchantID // whose till it is
	Till     loyalty.TillID
	Readers  loyalty.Readers // that the till is registered with
	Channel  Channel
	Text     string
	Request  loyalty.RequestID // of the scan, so that a retry is the same presentation; else random
	At       time.Time
}

// MaxTextLength is the longest reading that is looked at, in bytes.
const MaxTextLength = 1024

// text is what was read, without what a wedge appends or a hand adds.
func (r *Reading) text() string {
	if r.Channel == Wedge || r.Channel == Typed {
		return strings.Trim(r.Text, " \t\r\n")
	}
	return r.Text
}

// Presentation is a card that was shown, proven by a credential.
type Presentation struct {
	Card     loyalty.CardID
	Captured time.Time
	Scan     loyalty.Scanned
}

// scanID names the scan of a presentation at a till: the same credential at the
// same till is the same scan, at another till another one. It is a plain hash:
// the id is a name, what gives authority is the handle's MAC. A keyed one would
// change when the key is rotated, and an honest retry across that moment would
// look like a replay at another till.
func scanID(nonce loyalty.Nonce, till loyalty.TillID) loyalty.ScanID {
	h := sha256.New()
	h.Write([]byte("stempel scan 1"))
	h.Write(nonce[:])
	h.Write(till[:])
	return loyalty.ScanID(h.Sum(nil)[:16])
}
