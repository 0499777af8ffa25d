package personal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// Keys are the symmetric keys of one purpose, each of 32 bytes. A key's id has 1
// to 4 characters.
type Keys interface {
	Current(now time.Time) (kid string, key []byte)
	Find(kid string) ([]byte, bool)
	All() [][]byte // that are not retired, those included that come into use later
}

// Box seals and opens what is personal. Several may use it at once.
type Box struct{ personal, index Keys }

// NewBox takes the keys that seal, and those that make blind indexes.
func NewBox(personal, index Keys) *Box { return &Box{personal, index} }

// Place is where sealed bytes belong: elsewhere they do not open.
type Place struct {
	Merchant loyalty.MerchantID
	Row      [16]byte
	Column   Column
}

// Column says what sealed bytes are.
type Column string

// The columns that are sealed.
const (
	ProfileColumn Column = "profile"
	ConsentColumn Column = "consent"
	AnswerColumn  Column = "answer" // to a request, kept for its retries
)

// Why sealed bytes do not open.
var (
	ErrKeyGone = errors.New("the key that sealed this was retired")
	ErrForeign = errors.New("this was not sealed here, or for another place, or is damaged")
)

// sealedFormat is the first byte of sealed bytes. What follows: the length of
// the key's id and the id, then nonce and ciphertext of AES-256-GCM (NIST SP
// 800-38D) with random nonces, of which one key may use 2³² (§8.3).
const sealedFormat = 1

// Seal keeps a text secret and whole, under the key of this time.
func (b *Box) Seal(at Place, plain []byte, now time.Time) []byte {
	kid, key := b.personal.Current(now)
	head := append([]byte{sealedFormat, byte(len(kid))}, kid...)
	return aead(key).Seal(head, nil, plain, at.bound(kid))
}

// Open undoes Seal. Errors: ErrKeyGone, ErrForeign.
func (b *Box) Open(at Place, sealed []byte) ([]byte, error) {
	kid, rest, ok := split(sealed)
	if !ok {
		return nil, ErrForeign
	}
	key, known := b.personal.Find(kid)
	if !known {
		return nil, ErrKeyGone
	}
	plain, err := aead(key).Open(nil, nil, rest, at.bound(kid))
	if err != nil {
		return nil, ErrForeign
	}
	return plain, nil
}

// Fresh reports whether bytes are sealed under the key of this time.
func (b *Box) Fresh(sealed []byte, now time.Time) bool {
	kid, _, ok := split(sealed)
	current, _ := b.personal.Current(now)
	return ok && kid == current
}

func split(sealed []byte) (kid string, rest []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != sealedFormat || len(sealed) < 2+int(sealed[1]) {
		return "", nil, false
	}
	end := 2 + int(sealed[1])
	return string(sealed[2:end]), sealed[end:], true
}

// bound is what is authenticated beside the text. All but the last part has one
// length, or says it.
func (p Place) bound(kid string) []byte {
	b := append([]byte("stempel personal 1"), byte(len(kid)))
	b = append(b, kid...)
	b = append(b, p.Merchant[:]...)
	b = append(b, p.Row[:]...)
	return append(b, p.Column...)
}

func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("personal: AES refuses a key of 32 bytes: " + err.Error())
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("personal: AES has no GCM: " + err.Error())
	}
	return gcm
}

// sealJSON and openJSON do so with a value of this package.
func (b *Box) sealJSON(at Place, value any, now time.Time) []byte {
	plain, err := json.Marshal(value)
	if err != nil {
		panic("personal: plain fields cannot be written as JSON: " + err.Error())
	}
	return b.Seal(at, plain, now)
}

func (b *Box) openJSON(at Place, sealed []byte, into any) error {
	plain, err := b.Open(at, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
