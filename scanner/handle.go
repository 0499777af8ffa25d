package scanner

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// Why a handle is refused; loyalty.ScanExpired when it is older than HandleLife.
const (
	ScanMalformed loyalty.Code = "scan_malformed"  // not a handle
	ScanInvalid   loyalty.Code = "scan_invalid"    // not made by this server, or changed since
	ScanOtherTill loyalty.Code = "scan_other_till" // made for another till
)

// HandleLife is the longest life of a handle. Programs set a shorter one for
// earning and redeeming.
const HandleLife = 24 * time.Hour

// HandlePrefix begins every handle.
const HandlePrefix = "sc."

// Handles makes and reads scan handles: one presentation at one till, under a
// MAC. Only this server reads them, so their form is no contract.
type Handles struct{ keys credential.MACKeys }

// NewHandles takes the keys for handles, which must serve nothing else.
func NewHandles(keys credential.MACKeys) *Handles { return &Handles{keys} }

var encoding = base64.RawURLEncoding.Strict()

// Seal makes the handle of a presentation at a till. Times are kept to the
// microsecond.
func (h *Handles) Seal(p Presentation, till loyalty.TillID, now time.Time) string {
	kid, key := h.keys.Current(now)
	body := appendBody(make([]byte, 0, bodyLength+tappedLength+tagLength), p, till)
	body = append(body, tag(key, body)...)
	return HandlePrefix + kid + "." + encoding.EncodeToString(body)
}

// Open reads a handle that its till brings back. Errors: scan_malformed,
// scan_invalid, scan_other_till, scan_expired.
func (h *Handles) Open(text string, till loyalty.TillID, now time.Time) (Presentation, error) {
	kid, sealed, ok := split(text)
	if !ok {
		return Presentation{}, refuse(ScanMalformed, "This is not a scan. Send the scan exactly as it was given, or scan the customer's code again.")
	}
	length := len(sealed) - tagLength
	body, made := sealed[:length], sealed[length:]
	key, ok := h.keys.Find(kid)
	if !ok || !hmac.Equal(made, tag(key, body)) {
		return Presentation{}, errInvalid()
	}
	p, of := readBody(body)
	switch {
	case of != till:
		return Presentation{}, refuse(ScanOtherTill, "This scan was made at another till. Scan the customer's code here.")
	case p.Captured.After(now.Add(loyalty.Leeway)):
		return Presentation{}, errInvalid()
	case now.Sub(p.Captured) > HandleLife:
		return Presentation{}, refuse(loyalty.ScanExpired, "This scan is more than a day old. Scan the customer's code again.")
	}
	return p, nil
}

// split takes a handle apart, in its one spelling: the decoder passes over line
// breaks, which then are missing from the length.
func split(text string) (kid string, sealed []byte, ok bool) {
	rest, ok := strings.CutPrefix(text, HandlePrefix)
	kid, encoded, _ := strings.Cut(rest, ".")
	length := bodyLength + tagLength
	if len(encoded) == encoding.EncodedLen(length+tappedLength) {
		length += tappedLength
	}
	if !ok || len(encoded) != encoding.EncodedLen(length) {
		return "", nil, false
	}
	sealed, err := encoding.DecodeString(encoded)
	return kid, sealed, err == nil && len(sealed) == length
}

const (
	bodyLength   = 3*16 + 1 + 1 + 4 + 8 + 8
	tappedLength = 16 + 4 + 4 // more, of a tap
	tagLength    = 16
)

func tag(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("stempel handle 1"))
	h.Write(body)
	return h.Sum(nil)[:tagLength]
}

// appendBody writes a presentation in fixed fields. The scan's id is not among
// them: it follows from nonce and till.
func appendBody(b []byte, p Presentation, till loyalty.TillID) []byte {
	b = append(b, p.Card[:]...)
	b = append(b, p.Scan.Nonce[:]...)
	b = append(b, till[:]...)
	b = append(b, byte(p.Scan.Method), byte(p.Scan.Surface))
	b = appendIssue(b, &p.Scan)
	b = appendTime(b, p.Scan.Expires)
	b = appendTime(b, p.Captured)
	if p.Scan.Method == loyalty.Tap {
		b = appendTapped(b, p.Scan.Tapped)
	}
	return b
}

// readBody reads what appendBody wrote.
func readBody(b []byte) (Presentation, loyalty.TillID) {
	p := Presentation{Card: loyalty.CardID(b[:16]), Captured: readTime(b[62:])}
	till := loyalty.TillID(b[32:48])
	nonce := loyalty.Nonce(b[16:32])
	p.Scan = loyalty.Scanned{
		ID: scanID(nonce, till), Nonce: nonce,
		Method: loyalty.Method(b[48]), Surface: loyalty.Surface(b[49]),
		Expires:  readTime(b[54:]),
		ByHandle: true,
	}
	readIssue(b[50:54], &p.Scan)
	if len(b) > bodyLength {
		p.Scan.Tapped = readTapped(b[bodyLength:])
	}
	return p, till
}

// appendIssue writes which issue of a credential was shown, in four bytes: the
// generation of a static text, or number and epoch of a rotating one's secret.
func appendIssue(b []byte, scan *loyalty.Scanned) []byte {
	if scan.Method == loyalty.Rotating {
		b = binary.BigEndian.AppendUint16(b, scan.Secret.Number)
		return binary.BigEndian.AppendUint16(b, scan.Secret.Epoch)
	}
	return binary.BigEndian.AppendUint32(b, uint32(scan.Generation))
}

// readIssue reads what appendIssue wrote, by the method that is known already.
func readIssue(b []byte, scan *loyalty.Scanned) {
	if scan.Method == loyalty.Rotating {
		scan.Secret = loyalty.Secret{Number: binary.BigEndian.Uint16(b), Epoch: binary.BigEndian.Uint16(b[2:])}
		return
	}
	scan.Generation = int32(binary.BigEndian.Uint32(b))
}

func appendTapped(b []byte, t loyalty.Tapped) []byte {
	b = append(b, t.Tag[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(t.Epoch))
	return binary.BigEndian.AppendUint32(b, t.Counter)
}

func readTapped(b []byte) loyalty.Tapped {
	return loyalty.Tapped{
		Tag: loyalty.TagID(b[:16]), Epoch: int32(binary.BigEndian.Uint32(b[16:])), Counter: binary.BigEndian.Uint32(b[20:]),
	}
}

// Times are microseconds since 1970, and 0 for none.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.BigEndian.AppendUint64(b, 0)
	}
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMicro()))
}

func readTime(b []byte) time.Time {
	micro := int64(binary.BigEndian.Uint64(b))
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

func errInvalid() error {
	return refuse(ScanInvalid, "This scan was not made by this system, or has been changed. Scan the customer's code again.")
}

func refuse(code loyalty.Code, message string) error {
	return &loyalty.Refusal{Code: code, Message: message}
}
