package credential

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"

	"stempel/internal/loyalty"
)

// ErrNotABearer is what ParseBearer answers to any text that NewTillSecret,
// NewKeySecret and NewDeviceSecret cannot have made.
var ErrNotABearer = errors.New("not a bearer token of a till, an API key or a phone")

const secretLength = 32 // bytes

// Bearer is what a bearer token says: who it is, and the hash of the secret that
// proves it. Exactly one of Till, Key and Device is set. The hash is SHA-256 of the
// secret's 32 bytes; they are random, so that it needs no salt and no key.
type Bearer struct {
	Till   loyalty.TillID
	Key    loyalty.APIKeyID
	Device loyalty.DeviceID
	Hash   loyalty.Hash
}

// NewTillSecret makes the bearer token of a till, to be shown once, and the hash
// to keep.
func NewTillSecret(id loyalty.TillID) (text string, hash loyalty.Hash) { return newSecret(id.String()) }

// NewKeySecret makes an API key, to be shown once, and the hash to keep.
func NewKeySecret(id loyalty.APIKeyID) (text string, hash loyalty.Hash) {
	return newSecret(id.String())
}

// NewDeviceSecret makes the token of a phone for its card, to be shown once, and
// the hash to keep.
func NewDeviceSecret(id loyalty.DeviceID) (text string, hash loyalty.Hash) {
	return newSecret(id.String())
}

// HeirSecret makes the token of a phone, as NewDeviceSecret does, that follows from
// another token and what the asker chose: who has both is given the same one again,
// and neither it nor the other need be kept.
func HeirSecret(id loyalty.DeviceID, token, once string) (text string, hash loyalty.Hash) {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("heir " + id.String() + " " + once))
	secret := mac.Sum(nil)
	return id.String() + "." + encoding.EncodeToString(secret), sha256.Sum256(secret)
}

func newSecret(id string) (string, loyalty.Hash) {
	var secret [secretLength]byte
	rand.Read(secret[:])
	return id + "." + encoding.EncodeToString(secret[:]), sha256.Sum256(secret[:])
}

// ParseBearer reads a bearer token: an id, a dot, and 43 characters of base64url.
// Whether it is a true one is for the caller to ask, by comparing the hash in
// constant time. Errors: ErrNotABearer.
func ParseBearer(text string) (Bearer, error) {
	id, secretText, _ := strings.Cut(text, ".")
	secret, ok := decode(secretText)
	if !ok || len(secret) != secretLength || id == "" {
		return Bearer{}, ErrNotABearer
	}
	b := Bearer{Hash: sha256.Sum256(secret)}
	if b.Till.UnmarshalText([]byte(id)) != nil && b.Key.UnmarshalText([]byte(id)) != nil &&
		b.Device.UnmarshalText([]byte(id)) != nil {
		return Bearer{}, ErrNotABearer
	}
	return b, nil
}
