package webhooks

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// Keys are the 32-byte keys that secrets are sealed with, as keys.MACs gives them.
type Keys interface {
	Current(now time.Time) (kid string, key []byte)
	Find(kid string) ([]byte, bool)
}

// Secrets makes, seals and opens the secrets of webhooks: they are needed in the
// clear for every delivery, and a copy of the database alone gives none away.
type Secrets struct{ keys Keys }

// NewSecrets seals with the current of these keys.
func NewSecrets(keys Keys) *Secrets { return &Secrets{keys} }

// ErrSealed is what a secret comes to whose key was retired, or that was damaged.
var ErrSealed = errors.New("the secret of the webhook cannot be opened: rotate it")

// New makes a secret for a webhook, as text for the merchant and sealed: the
// length of the key's id, the id, and AES-256-GCM with a random nonce, bound to
// the webhook.
func (s *Secrets) New(id loyalty.WebhookID, now time.Time) (text string, sealed []byte) {
	secret := newSecret()
	kid, key := s.keys.Current(now)
	head := append([]byte{byte(len(kid))}, kid...)
	return secret.Text(), newAEAD(key).Seal(head, nil, secret, additional(id))
}

// open undoes New. Errors: ErrSealed.
func (s *Secrets) open(id loyalty.WebhookID, sealed []byte) (Secret, error) {
	if len(sealed) == 0 || len(sealed) <= int(sealed[0]) {
		return nil, ErrSealed
	}
	kid, box := sealed[1:1+sealed[0]], sealed[1+sealed[0]:]
	key, ok := s.keys.Find(string(kid))
	if !ok {
		return nil, ErrSealed
	}
	secret, err := newAEAD(key).Open(nil, nil, box, additional(id))
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}

// of are the secrets that a delivery is signed with at now: the current one, and
// the one before while both are good. Errors: ErrSealed.
func (s *Secrets) of(w *loyalty.Webhook, now time.Time) ([]Secret, error) {
	secret, err := s.open(w.ID, w.Secret)
	if err != nil {
		return nil, err
	}
	secrets := []Secret{secret}
	if w.Previous != nil && now.Before(w.PreviousUntil) {
		if previous, err := s.open(w.ID, w.Previous); err == nil {
			secrets = append(secrets, previous)
		}
	}
	return secrets, nil
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("webhooks: AES refuses a key of the ring: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("webhooks: AES has no GCM: " + err.Error())
	}
	return aead
}

func additional(id loyalty.WebhookID) []byte { return append([]byte("webhook secret"), id[:]...) }
