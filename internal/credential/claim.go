package credential

import (
	"crypto/sha256"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// A claim code is fifteen characters of Crockford base32 (crockford.com/base32),
// printed in upper case as three groups of five: 70 bits that nobody can guess,
// and a check character. It can be read aloud and typed: case, spaces and dashes
// mean nothing, and O is read as 0, I and L as 1.
const (
	claimDigits = 14 // and the check character
	claimGroup  = 5
	claimText   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// MaxClaimLength is the longest text that is read as a claim code, in bytes.
const MaxClaimLength = 64

// Claims makes and reads claim codes. A code follows from its claim's id and a
// key, so that it can be drawn again without being kept.
type Claims struct{ keys MACKeys }

// NewClaims takes the keys for claim codes, which must serve nothing else.
func NewClaims(keys MACKeys) *Claims { return &Claims{keys} }

// ClaimCode is a claim's code: its text, the hash to keep, and the id of the key
// that it follows from.
type ClaimCode struct {
	Text string
	Hash loyalty.Hash
	Key  string
}

// Mint makes the code of a claim.
func (c *Claims) Mint(id loyalty.ClaimID, now time.Time) ClaimCode {
	kid, key := c.keys.Current(now)
	code := claimCode(key, id)
	return ClaimCode{Text: printed(code), Hash: claimHash(code), Key: kid}
}

// Text is the code that Mint made of the claim under that key, or false where the
// key is no longer there.
func (c *Claims) Text(id loyalty.ClaimID, kid string) (string, bool) {
	key, ok := c.keys.Find(kid)
	if !ok {
		return "", false
	}
	return printed(claimCode(key, id)), true
}

// ParseClaim reads a code as people type it, and returns the hash by which its
// claim is found. Whether there is one is not asked here. Errors: claim_malformed
// for what has another form, and for any one wrong or two swapped characters.
func ParseClaim(text string) (loyalty.Hash, error) {
	digits := make([]byte, 0, claimDigits+1)
	if len(text) > MaxClaimLength {
		return loyalty.Hash{}, errMistyped()
	}
	for _, r := range text {
		switch r {
		case ' ', '\t', '\r', '\n', '\u00a0', '-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014':
			continue // what people, keyboards and line breaks put between groups
		}
		value, ok := claimValue(r)
		if !ok || len(digits) > claimDigits {
			return loyalty.Hash{}, errMistyped()
		}
		digits = append(digits, value)
	}
	if len(digits) != claimDigits+1 || remainder(digits) != 0 {
		return loyalty.Hash{}, errMistyped()
	}
	return claimHash(digits), nil
}

func errMistyped() error {
	return refuse(ClaimMalformed, "This is not a code that a shop has given out. Compare each of its 15 characters with the slip.")
}

// claimValue is the five bits of a character.
func claimValue(r rune) (byte, bool) {
	if r >= 'a' && r <= 'z' {
		r += 'A' - 'a'
	}
	switch r {
	case 'O':
		r = '0'
	case 'I', 'L':
		r = '1'
	}
	at := strings.IndexRune(claimText, r)
	return byte(at), at >= 0 && r < 0x80
}

// claimCode is the first 70 bits of a MAC, five at a time, and the check character.
func claimCode(key []byte, id loyalty.ClaimID) []byte {
	tag := mac(key, []byte("stempel claim 1"), id[:])
	digits := make([]byte, 0, claimDigits+1)
	var window uint16
	bits := 0
	for next := 0; len(digits) < claimDigits; bits -= 5 {
		if bits < 5 {
			window = window<<8 | uint16(tag[next])
			next, bits = next+1, bits+8
		}
		digits = append(digits, byte(window>>(bits-5))&31)
	}
	return append(digits, times2(remainder(digits)))
}

// remainder is Horner's scheme over GF(32) at 2: each character has a factor of
// its own, so that one that is wrong, or two that are swapped, change the sum.
// That of a whole code is 0.
func remainder(digits []byte) (sum byte) {
	for _, digit := range digits {
		sum = times2(sum) ^ digit
	}
	return sum
}

// times2 multiplies by x modulo x⁵ + x² + 1, which is primitive: the powers of 2
// differ for 31 characters.
func times2(a byte) byte {
	a <<= 1
	if a&32 != 0 {
		a ^= 0b100101
	}
	return a
}

func printed(digits []byte) string {
	var text strings.Builder
	for i, digit := range digits {
		if i > 0 && i%claimGroup == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(claimText[digit])
	}
	return text.String()
}

// claimHash is what is kept of a code. It needs no key: 70 random bits are too
// many to try.
func claimHash(digits []byte) loyalty.Hash {
	return sha256.Sum256(append([]byte("stempel claim code 1"), digits...))
}
