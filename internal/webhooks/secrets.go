package webhooks

import (
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// Secrets makes, seals and opens the secrets of webhooks: they are needed in the
// clear for every delivery, and a copy of the database alone gives none away.
type Secrets struct{ box *seal.Box }

// NewSecrets seals with the current of these keys.
func NewSecrets(keys seal.Keys) *Secrets { return &Secrets{seal.New("stempel webhook 1", keys)} }

// New makes a secret for a webhook, as text for the merchant and sealed, bound to
// the webhook.
func (s *Secrets) New(id loyalty.WebhookID, now time.Time) (text string, sealed []byte) {
	secret := newSecret()
	return secret.Text(), s.box.Seal(id[:], secret, now)
}

// open undoes New. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (s *Secrets) open(id loyalty.WebhookID, sealed []byte) (Secret, error) {
	return s.box.Open(id[:], sealed)
}

// of are the secrets that a delivery is signed with at now: the current one, and
// the one before while both are good. Errors: as of open.
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

// Reseal brings a webhook's secrets under the key of this time, and reports
// whether that changed anything. The secret before is dropped when it serves no
// longer, or cannot be opened. Errors: as of open, of the current one.
func (s *Secrets) Reseal(w *loyalty.Webhook, now time.Time) (changed bool, err error) {
	if !s.box.Fresh(w.Secret, now) {
		secret, err := s.open(w.ID, w.Secret)
		if err != nil {
			return false, err
		}
		w.Secret, changed = s.box.Seal(w.ID[:], secret, now), true
	}
	if w.Previous == nil || s.box.Fresh(w.Previous, now) {
		return changed, nil
	}
	previous, err := s.open(w.ID, w.Previous)
	if err == nil && now.Before(w.PreviousUntil) {
		w.Previous = s.box.Seal(w.ID[:], previous, now)
	} else {
		w.Previous, w.PreviousUntil = nil, time.Time{}
	}
	return true, nil
}
