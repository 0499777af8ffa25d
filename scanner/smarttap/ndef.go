package smarttap

// record is one of an NDEF message (NFC Forum, NDEF 1.0 §3.2).
type record struct {
	wellKnown bool   // of the NFC Forum's types, else an external one
	kind      string // its type
	name      string // what Smart Tap calls it: the id of a well-known record, else the type
	payload   []byte
}

// Bits of a record's first byte; the lowest three say whose type it is of.
const (
	messageBegins = 1 << 7
	messageEnds   = 1 << 6
	chunked       = 1 << 5
	shortPayload  = 1 << 4
	hasID         = 1 << 3
	whose         = 1<<3 - 1

	wellKnown = 1
	external  = 4
)

// maxRecords of a message: Smart Tap's have a handful.
const maxRecords = 32

// message reads an NDEF message. It reports false for one that is torn or goes on
// behind its end, and for what Smart Tap does not use: chunks, other types.
func message(b []byte) (records []record, ok bool) {
	for len(b) > 0 && len(records) < maxRecords {
		header := b[0]
		first := len(records) == 0
		if header&messageBegins != 0 != first || header&chunked != 0 {
			return nil, false
		}
		r, rest, ok := readRecord(b)
		if !ok {
			return nil, false
		}
		records, b = append(records, r), rest
		if header&messageEnds != 0 {
			return records, len(b) == 0
		}
	}
	return nil, false
}

// readRecord cuts the first record off.
func readRecord(b []byte) (r record, rest []byte, ok bool) {
	header := b[0]
	take := func(length uint64) (field []byte) {
		if length > uint64(len(b)) {
			b, ok = nil, false
			return nil
		}
		field, b = b[:length], b[length:]
		return field
	}
	number := func(size uint64) (n uint64) {
		for _, digit := range take(size) {
			n = n<<8 | uint64(digit)
		}
		return n
	}
	ok = true
	take(1)
	kindLength, payloadLength, idLength := number(1), uint64(0), uint64(0)
	if header&shortPayload != 0 {
		payloadLength = number(1)
	} else {
		payloadLength = number(4)
	}
	if header&hasID != 0 {
		idLength = number(1)
	}
	r.kind, r.name = string(take(kindLength)), string(take(idLength))
	r.payload = take(payloadLength)
	switch header & whose {
	case wellKnown:
		r.wellKnown = true
	case external:
		r.name = r.kind
	default:
		return record{}, nil, false
	}
	return r, b, ok
}
