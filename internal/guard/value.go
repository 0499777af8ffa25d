package guard

import (
	"encoding/base64"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"stempel/internal/loyalty"
)

// What Redis holds for the outcome of a spending:
//
//	format (1 byte), merchant (16), owner (32), scan (16), till (16), entry (16),
//	microseconds since 1970 (8, big-endian), name of the till (UTF-8)
//
// Nonce and action stand in the key. Processes of two releases may share a Redis,
// so another form takes another first byte.
const (
	outcomeForm = 1
	outcomeHead = 1 + 16 + 32 + 3*16 + 8 // all before the name
)

// longestName, in bytes, is more than any till may be called; a longer text did
// not come from us.
const longestName = 1024

// latest is the end of the year 9999: later times have no text form.
const latest = 253402300800e6

// key is where a spending is kept. Each key is a hash tag of its own, so that a
// Cluster spreads them over its nodes.
func (r *Redis) key(c loyalty.Claim) string {
	return r.prefix + ":{" + base64.RawURLEncoding.EncodeToString(c.Nonce[:]) + "}:" + c.Action.String()
}

func outcomeValue(o *loyalty.Outcome) []byte {
	b := make([]byte, 0, outcomeHead+len(o.TillName))
	b = append(b, outcomeForm)
	b = append(b, o.Merchant[:]...)
	b = append(b, o.Owner[:]...)
	b = append(b, o.Scan[:]...)
	b = append(b, o.Till[:]...)
	b = append(b, o.Entry[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(o.At.UnixMicro()))
	return append(b, o.TillName...)
}

// parseOutcome reads exactly what outcomeValue writes for what c claims. Anything
// else is no outcome.
func parseOutcome(value string, c loyalty.Claim) (o loyalty.Outcome, ok bool) {
	if len(value) < outcomeHead || len(value) > outcomeHead+longestName || value[0] != outcomeForm {
		return o, false
	}
	o.Nonce, o.Action = c.Nonce, c.Action
	rest := value[1:]
	rest = rest[copy(o.Merchant[:], rest):]
	rest = rest[copy(o.Owner[:], rest):]
	rest = rest[copy(o.Scan[:], rest):]
	rest = rest[copy(o.Till[:], rest):]
	rest = rest[copy(o.Entry[:], rest):]
	at := int64(binary.BigEndian.Uint64([]byte(rest[:8])))
	o.At = time.UnixMicro(at).UTC()
	o.TillName = rest[8:]
	if o.Entry.IsZero() || at <= 0 || at >= latest || !utf8.ValidString(o.TillName) {
		return loyalty.Outcome{}, false
	}
	return o, true
}
