package credential

import (
	"crypto/rand"
	"strings"

	"stempel/internal/loyalty"
)

// A pairing code is 10 characters of Crockford's base32, read out by one person
// and typed by another: XXXXX-XXXXX. It has 50 bits. Whoever could try a thousand
// a second for the quarter of an hour that codes live, while a thousand of them
// are open, would find one with a probability of less than one in a million.
const pairingLength = 10

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewPairingCode makes a code, to be shown once.
func NewPairingCode() string {
	var bits [pairingLength]byte
	rand.Read(bits[:])
	text := make([]byte, 0, pairingLength+1)
	for i, b := range bits {
		if i == pairingLength/2 {
			text = append(text, '-')
		}
		text = append(text, crockford[b%byte(len(crockford))])
	}
	return string(text)
}

// ParsePairingCode reads a code as people type it: in any case, with spaces or
// dashes anywhere, O for 0, I and L for 1. It returns the code as NewPairingCode
// makes it, or false.
func ParsePairingCode(typed string) (code string, ok bool) {
	var text strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch c {
		case ' ', '-':
			continue
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if !strings.ContainsRune(crockford, c) {
			return "", false
		}
		if text.Len() == pairingLength/2 {
			text.WriteByte('-')
		}
		text.WriteRune(c)
	}
	return text.String(), text.Len() == pairingLength+1
}

// PairingHash is what is kept of a code: it is short, so that a plain hash would
// fall to trying while the code lives.
func (p *PINs) PairingHash(code string) loyalty.Hash {
	return loyalty.Hash(mac(p.key, []byte("stempel pairing 1"), []byte(code)))
}
