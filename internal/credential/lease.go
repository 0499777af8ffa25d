package credential

import (
	"strconv"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// Leases makes and reads what a till is told for the time when it has no network: its
// lease to hand out rewards, and contact statements, which say when it last heard of
// the server. Only this server reads them.
type Leases struct{ lease, contact jws }

// MaxLeaseLength and MaxContactLength bound the texts that are read.
const (
	MaxLeaseLength   = 400
	MaxContactLength = 300
)

// LeaseText is what a lease says.
type LeaseText struct {
	Lease       loyalty.LeaseID
	Till        loyalty.TillID
	Redemptions int32
	Expires     time.Time // whole seconds, UTC
}

// NewLeases takes the keys for leases and contact statements, which must serve
// nothing else.
func NewLeases(keys SigningKeys) *Leases {
	return &Leases{
		lease:   jws{keys, `","typ":"stempel-lease+jwt"}`},
		contact: jws{keys, `","typ":"stempel-contact+jwt"}`},
	}
}

// Sign makes the text of a lease.
func (l *Leases) Sign(lease *loyalty.Lease, now time.Time) (string, error) {
	t := LeaseText{lease.ID, lease.Till, lease.Redemptions, lease.Expires}
	return l.lease.sign(t.appendJSON(nil), now)
}

// Parse reads a lease, whether it has ended or not. Errors: lease_invalid.
func (l *Leases) Parse(text string) (LeaseText, error) {
	if len(text) <= MaxLeaseLength {
		if u, flaw := l.lease.split(text); flaw == sound {
			if t, ok := readLease(u.payload); ok && l.lease.verify(u) {
				return t, nil
			}
		}
	}
	return LeaseText{}, refuse(loyalty.LeaseInvalid, "The lease on which the reward was handed out was not made by this system.")
}

func (t *LeaseText) appendJSON(b []byte) []byte {
	b = append(b, `{"lease":"`...)
	b = encoding.AppendEncode(b, t.Lease[:])
	b = append(b, `","till":"`...)
	b = encoding.AppendEncode(b, t.Till[:])
	b = append(b, `","redemptions":`...)
	b = strconv.AppendInt(b, int64(t.Redemptions), 10)
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, t.Expires.Unix(), 10)
	return append(b, '}')
}

// readLease reads exactly what appendJSON writes.
func readLease(payload string) (LeaseText, bool) {
	rest, start := strings.CutPrefix(payload, `{"lease":"`)
	id, rest, first := strings.Cut(rest, `","till":"`)
	till, rest, second := strings.Cut(rest, `","redemptions":`)
	number, rest, third := strings.Cut(rest, `,"exp":`)
	seconds, end := strings.CutSuffix(rest, "}")
	if !start || !first || !second || !third || !end {
		return LeaseText{}, false
	}
	redemptions, ok := plainNumber(number, 31)
	expires, secondsOK := plainNumber(seconds, 40)
	lease, leaseOK := plainID[loyalty.LeaseID](id)
	of, tillOK := plainID[loyalty.TillID](till)
	return LeaseText{lease, of, int32(redemptions), time.Unix(int64(expires), 0).UTC()}, ok && secondsOK && leaseOK && tillOK
}

// SignContact says that a till has heard of the server at now.
func (l *Leases) SignContact(till loyalty.TillID, now time.Time) (string, error) {
	b := append([]byte(nil), `{"till":"`...)
	b = encoding.AppendEncode(b, till[:])
	b = append(b, `","at":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	return l.contact.sign(append(b, '}'), now)
}

// ParseContact is when the till of a contact statement has heard of the server.
// Errors: contact_invalid, also of another till's.
func (l *Leases) ParseContact(text string, till loyalty.TillID) (time.Time, error) {
	if len(text) <= MaxContactLength {
		if u, flaw := l.contact.split(text); flaw == sound {
			if of, at, ok := readContact(u.payload); ok && of == till && l.contact.verify(u) {
				return at, nil
			}
		}
	}
	return time.Time{}, refuse(ContactInvalid, "What the till knew of the time was not told it by this system.")
}

func readContact(payload string) (till loyalty.TillID, at time.Time, ok bool) {
	rest, start := strings.CutPrefix(payload, `{"till":"`)
	id, rest, middle := strings.Cut(rest, `","at":`)
	number, end := strings.CutSuffix(rest, "}")
	if !start || !middle || !end {
		return till, at, false
	}
	till, idOK := plainID[loyalty.TillID](id)
	millis, numberOK := plainNumber(number, 50)
	return till, time.UnixMilli(int64(millis)).UTC(), idOK && numberOK
}

// plainID reads the one spelling of an id in a statement.
func plainID[T ~[16]byte](text string) (id T, ok bool) {
	decoded, ok := decode(text)
	if !ok || len(decoded) != len(id) {
		return id, false
	}
	id = T(decoded)
	return id, id != T{}
}

// plainNumber reads the one spelling of a number above 0 with so many bits.
func plainNumber(digits string, bits int) (uint64, bool) {
	n, err := strconv.ParseUint(digits, 10, bits)
	return n, err == nil && digits[0] != '0'
}
