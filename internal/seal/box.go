// Package seal keeps what must not be read in a copy of the database: sealed
// bytes open under their key, in the place that they were sealed for, and nowhere
// else.
//
// It is pure: no I/O, no state but its keys, and time is an argument. It must
// never know what it seals, nor where that is kept.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"time"
)

// Keys are the 32-byte keys of one purpose, as keys.MACs gives them. A key's id
// has 1 to 4 characters.
type Keys interface {
	Current(now time.Time) (kid string, key []byte)
	Find(kid string) ([]byte, bool)
}

// Box seals and opens. Several may use it at once.
type Box struct {
	label string
	keys  Keys
}

// New makes a box. The label is authenticated with everything that it seals, and
// is no other box's beginning.
func New(label string, keys Keys) *Box { return &Box{label, keys} }

// Why sealed bytes do not open.
var (
	ErrKeyGone = errors.New("the key that sealed this was retired")
	ErrForeign = errors.New("this was not sealed here, or for another place, or is damaged")
)

// format is the first byte of sealed bytes. What follows: the length of the key's
// id and the id, then nonce and ciphertext of AES-256-GCM (NIST SP 800-38D) with
// random nonces, of which one key may use 2³² (§8.3).
const format = 1

// Seal keeps a text secret and whole, under the key of this time. The place is
// where it belongs; places of one box are of one length but for their last part.
func (b *Box) Seal(place, plain []byte, now time.Time) []byte {
	kid, key := b.keys.Current(now)
	head := append([]byte{format, byte(len(kid))}, kid...)
	return aead(key).Seal(head, nil, plain, b.bound(kid, place))
}

// Open undoes Seal. Errors: ErrKeyGone, ErrForeign.
func (b *Box) Open(place, sealed []byte) ([]byte, error) {
	kid, rest, ok := split(sealed)
	if !ok {
		return nil, ErrForeign
	}
	key, known := b.keys.Find(kid)
	if !known {
		return nil, ErrKeyGone
	}
	plain, err := aead(key).Open(nil, nil, rest, b.bound(kid, place))
	if err != nil {
		return nil, ErrForeign
	}
	return plain, nil
}

// Fresh reports whether bytes are sealed under the key of this time.
func (b *Box) Fresh(sealed []byte, now time.Time) bool {
	kid, _, ok := split(sealed)
	current, _ := b.keys.Current(now)
	return ok && kid == current
}

func split(sealed []byte) (kid string, rest []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != format || len(sealed) < 2+int(sealed[1]) {
		return "", nil, false
	}
	end := 2 + int(sealed[1])
	return string(sealed[2:end]), sealed[end:], true
}

// bound is what is authenticated beside the text.
func (b *Box) bound(kid string, place []byte) []byte {
	bound := append([]byte(b.label), byte(len(kid)))
	bound = append(bound, kid...)
	return append(bound, place...)
}

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("seal: AES refuses a key of 32 bytes: " + err.Error())
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("seal: AES has no GCM: " + err.Error())
	}
	return gcm
}
