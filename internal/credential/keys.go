package credential

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// SigningKeys are the Ed25519 keys of one purpose, all of them ours: what they
// signed is verified by signing it again. A key's id has 1 to 4 characters.
type SigningKeys interface {
	Current(now time.Time) (kid string, key ed25519.PrivateKey)
	Find(kid string) (ed25519.PrivateKey, bool)
}

// MACKeys are the HMAC keys of one purpose. A key's id has 1 to 4 characters.
type MACKeys interface {
	Current(now time.Time) (kid string, key []byte)
	Find(kid string) ([]byte, bool)
}

// keyNumber and keyID map the id of a key to the one byte that a short text has
// for it, and back: two lower-case hex digits behind the letter of its purpose.
func keyNumber(letter byte, kid string) (byte, bool) {
	if len(kid) != 3 || kid[0] != letter {
		return 0, false
	}
	number, err := hex.DecodeString(kid[1:])
	if err != nil || keyID(letter, number[0]) != kid {
		return 0, false
	}
	return number[0], true
}

func keyID(letter, number byte) string { return string(letter) + hex.EncodeToString([]byte{number}) }

// mac is HMAC-SHA256 (RFC 2104) over the parts, one after the other. The first
// is a label that says what the MAC is for; at most the last varies in length,
// so that no two meanings share their bytes.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}
