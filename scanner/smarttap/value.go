package smarttap

// value takes the redemption value out of a decrypted record: an NDEF message of
// service values ("asv"), of which one holds one loyalty object ("ly") with one service number
// ("n"). Two of them are refused: a tap gives one pass, and none may be chosen here.
// Errors: ErrNoValue.
func value(plain []byte) (string, error) {
	found, ok := message(plain)
	for _, inner := range []string{"asv", "ly"} {
		if ok {
			found, ok = within(found, inner)
		}
	}
	if !ok {
		return "", ErrNoValue
	}
	text, count := "", 0
	for i := range found {
		if found[i].name != "n" {
			continue
		}
		count++
		if text, ok = found[i].text(); !ok {
			return "", ErrNoValue
		}
	}
	if count != 1 {
		return "", ErrNoValue
	}
	return text, nil
}

// within is all that the records with a name hold.
func within(records []record, name string) (inner []record, ok bool) {
	for i := range records {
		if records[i].name != name {
			continue
		}
		more, ok := message(records[i].payload)
		if !ok {
			return nil, false
		}
		inner = append(inner, more...)
	}
	return inner, true
}

// The formats that Smart Tap puts before a value.
const (
	formatUnspecified = 0
	formatASCII       = 1
	formatUTF8        = 2
	formatBinary      = 4
)

// text is a record's value: behind a byte for its format, or as NDEF's text record
// has it, behind its language.
func (r *record) text() (string, bool) {
	if len(r.payload) == 0 {
		return "", false
	}
	first, rest := r.payload[0], r.payload[1:]
	if r.wellKnown {
		const utf16, language = 1 << 7, 1<<6 - 1
		length := int(first & language)
		if r.kind != "T" || first&utf16 != 0 || len(rest) < length {
			return "", false
		}
		return string(rest[length:]), true
	}
	switch first {
	case formatUnspecified, formatASCII, formatUTF8, formatBinary:
		return string(rest), true
	}
	return "", false
}
