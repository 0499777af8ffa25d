package keys

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// document is the whole ring as it is sealed. Keys stand in the order in which
// they were made, and none is ever removed: a retired one loses its secret and
// stays, so that its id is not given away again. Keys of purposes that this
// release does not know are kept as they are.
type document struct {
	Keys []key `json:"keys"`
}

type key struct {
	KID       string    `json:"kid"`
	Purpose   Purpose   `json:"purpose"`
	Secret    []byte    `json:"secret,omitempty"` // HMAC key or Ed25519 seed (RFC 8032)
	Created   time.Time `json:"created"`
	SignsFrom time.Time `json:"signs_from"`
	Retired   time.Time `json:"retired,omitzero"`
}

func (k *key) active() bool { return k.Retired.IsZero() }

const (
	secretLength = 32
	maxKIDLength = 4 // it stands in every QR code
)

// readDocument reads what encode wrote, and holds what the rest relies on.
func readDocument(text []byte) (document, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return document{}, errors.New("the keyring is not a JSON document of keys")
	}
	seen := map[string]bool{}
	for i := range d.Keys {
		k := &d.Keys[i]
		switch {
		case !isKID(k.KID):
			return document{}, fmt.Errorf("key %d of the keyring has no proper id", i)
		case seen[k.KID]:
			return document{}, fmt.Errorf("the keyring has two keys %s", k.KID)
		case k.active() && len(k.Secret) != secretLength:
			return document{}, fmt.Errorf("key %s of the keyring has no secret of %d bytes", k.KID, secretLength)
		}
		seen[k.KID] = true
	}
	return d, nil
}

func (d *document) encode() []byte {
	text, err := json.Marshal(d)
	if err != nil {
		panic("keys: a document of plain fields cannot be written as JSON: " + err.Error())
	}
	return text
}

// add makes a new key that signs from then on.
func (d *document) add(p Purpose, now, signsFrom time.Time) (string, error) {
	kind, ok := kindOf(p)
	if !ok {
		return "", fmt.Errorf("%q is not a purpose of keys", p)
	}
	kid, err := d.freshID(kind)
	if err != nil {
		return "", err
	}
	secret := make([]byte, secretLength)
	rand.Read(secret)
	d.Keys = append(d.Keys, key{KID: kid, Purpose: p, Secret: secret, Created: stamp(now), SignsFrom: stamp(signsFrom)})
	return kid, nil
}

// freshID is the first id of a kind that no key ever had.
func (d *document) freshID(k kind) (string, error) {
	for number := 1; number <= k.last; number++ {
		if kid := k.kid(number); d.find(kid) == nil {
			return kid, nil
		}
	}
	return "", fmt.Errorf("%s keys have used up their %d ids", k.purpose, k.last)
}

// complete gives a key to every purpose that has none, and reports whether there
// was any: all of them at the first start, a new one after an upgrade.
func (d *document) complete(now time.Time) (bool, error) {
	changed := false
	for _, kind := range kinds {
		if d.serves(kind.purpose) {
			continue
		}
		if _, err := d.add(kind.purpose, now, now); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

func (d *document) serves(p Purpose) bool {
	return slices.ContainsFunc(d.Keys, func(k key) bool { return k.Purpose == p && k.active() })
}

func (d *document) find(kid string) *key {
	for i := range d.Keys {
		if d.Keys[i].KID == kid {
			return &d.Keys[i]
		}
	}
	return nil
}

func isKID(text string) bool {
	if text == "" || len(text) > maxKIDLength {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// stamp is a time as the house keeps it: UTC microseconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
