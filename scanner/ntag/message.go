package ntag

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Why a text is not read.
var (
	ErrForeign   = errors.New("ntag: not a URL that a chip mirrors into")
	ErrMalformed = errors.New("ntag: not what a chip mirrors into its URL")
)

// Sizes, in bytes.
const (
	uidLength  = 7
	ctrLength  = 3 // SDMReadCtr
	piccLength = 16
	macLength  = 8 // SDMMAC

	maxFile = 128 // of mirrored file data: as hex they fill the chip's NDEF file of 256
)

// Message is what one tap left in the URL, taken apart and not yet believed. What
// stands before the question mark is not under the MAC, and not looked at.
type Message struct {
	KeyID string // by which the template names our key; may be empty

	encrypted bool
	picc      [piccLength]byte // encrypted
	plain     Tap              // not encrypted
	file      string           // hex as mirrored; empty: none
	mac       [macLength]byte
}

// Encrypted reports whether Open needs the meta key.
func (m *Message) Encrypted() bool { return m.encrypted }

// Tap is one tap of one chip.
type Tap struct {
	UID     [uidLength]byte
	Counter uint32 // SDMReadCtr, 24 bits: how often the chip was read since it was set up
}

// Parse takes a URL with mirrors apart. Its query is, in this order: k, if the
// template names a key; picc_data, or uid and ctr in plain; enc, if the chip mirrors
// file data; cmac. Values have one spelling: upper-case hex, as chips write it.
// Errors: ErrForeign where nothing is mirrored, ErrMalformed.
func Parse(url string) (Message, error) {
	var m Message
	_, query, _ := strings.Cut(url, "?")
	fields := fields(strings.Split(query, "&"))
	good := true
	if id, ok := fields.take("k"); ok {
		m.KeyID = id
		good = isKeyID(id)
	}
	if picc, ok := fields.take("picc_data"); ok {
		m.encrypted = true
		good = good && fromHex(m.picc[:], picc)
	} else {
		uid, ok := fields.take("uid")
		if !ok {
			return Message{}, ErrForeign
		}
		ctr, _ := fields.take("ctr")
		good = good && fromHex(m.plain.UID[:], uid) && m.plain.readCounter(ctr)
	}
	if file, ok := fields.take("enc"); ok {
		m.file = file
		good = good && isFile(file)
	}
	mac, _ := fields.take("cmac")
	if !good || len(fields) > 0 || !fromHex(m.mac[:], mac) {
		return Message{}, ErrMalformed
	}
	return m, nil
}

// fields are what is left of a query.
type fields []string

// take takes the first field, if it has this name.
func (f *fields) take(name string) (value string, ok bool) {
	if len(*f) == 0 {
		return "", false
	}
	value, ok = strings.CutPrefix((*f)[0], name+"=")
	if ok {
		*f = (*f)[1:]
	}
	return value, ok
}

// readCounter reads a counter in plain: its most significant byte comes first,
// unlike everywhere else.
func (t *Tap) readCounter(text string) bool {
	var b [ctrLength]byte
	ok := fromHex(b[:], text)
	t.Counter = uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	return ok
}

func isFile(text string) bool {
	var b [maxFile]byte
	n := len(text) / 2
	return n > 0 && n <= maxFile && n%piccLength == 0 && fromHex(b[:n], text)
}

func isKeyID(id string) bool {
	return len(id) >= 1 && len(id) <= 4 && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

// fromHex fills all of into from upper-case digits.
func fromHex(into []byte, text string) bool {
	if len(text) != 2*len(into) || strings.ContainsAny(text, "abcdef") {
		return false
	}
	_, err := hex.Decode(into, []byte(text))
	return err == nil
}

// Template is the URL to write to a chip, with zeros where it is to mirror UID and
// counter, encrypted, and the MAC. Base ends before the question mark; keyID is
// what the message brings back.
func Template(base, keyID string) string {
	return base + "?k=" + keyID + "&picc_data=" + strings.Repeat("0", 2*piccLength) + "&cmac=" + strings.Repeat("0", 2*macLength)
}
