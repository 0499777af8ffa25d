// Package giftcodes reads files of codes that another shop has sold or given to a
// merchant, and keeps their texts secret: sealed, and with a fingerprint by which the
// same text is found again without opening any.
//
// It must never know a database, nor who is handed a code.
package giftcodes

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// IndexKeys make fingerprints: HMAC-SHA256 under 32-byte keys.
type IndexKeys interface {
	Current(now time.Time) (kid string, key []byte)
	All() [][]byte // that are not retired, those included that come into use later
}

// Box seals codes and opens them. Several may use it at once.
type Box struct {
	codes *seal.Box
	index IndexKeys
}

// NewBox takes the keys that seal, and those that make fingerprints.
func NewBox(codes seal.Keys, index IndexKeys) *Box {
	return &Box{seal.New("stempel code 1", codes), index}
}

// Seal puts a text into a code whose id, merchant and reward are set.
func (b *Box) Seal(c *loyalty.NewCode, text string, now time.Time) {
	c.Sealed = b.codes.Seal(place(&c.GiftCode), []byte(text), now)
	_, current := b.index.Current(now)
	c.Fingerprint = fingerprint(current, c.Reward, text)
	for _, key := range b.index.All() {
		if f := fingerprint(key, c.Reward, text); f != c.Fingerprint {
			c.Former = append(c.Former, f)
		}
	}
}

// Open is the text of a code. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) Open(c *loyalty.GiftCode) (string, error) {
	text, err := b.codes.Open(place(c), c.Sealed)
	return string(text), err
}

// Reseal brings a code under the keys of this time, and reports whether that changed
// anything. Errors: as of Open.
func (b *Box) Reseal(c *loyalty.GiftCode, now time.Time) (changed bool, err error) {
	text, err := b.Open(c)
	if err != nil {
		return false, err
	}
	if !b.codes.Fresh(c.Sealed, now) {
		c.Sealed, changed = b.codes.Seal(place(c), []byte(text), now), true
	}
	_, current := b.index.Current(now)
	if f := fingerprint(current, c.Reward, text); f != c.Fingerprint {
		c.Fingerprint, changed = f, true
	}
	return changed, nil
}

func place(c *loyalty.GiftCode) []byte { return append(c.Merchant[:], c.ID[:]...) }

// fingerprint differs from any other use of the key: contacts begin otherwise.
func fingerprint(key []byte, reward loyalty.RewardID, text string) (f loyalty.Hash) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("stempel code 1\x00"))
	h.Write(reward[:])
	h.Write([]byte(text))
	h.Sum(f[:0])
	return f
}

// Batch seals the codes of a file for the pool of a reward, in their order.
func (b *Box) Batch(m loyalty.MerchantID, reward loyalty.RewardID, rows []Row, now time.Time) *loyalty.CodeBatch {
	batch := &loyalty.CodeBatch{Merchant: m, Reward: reward, Import: loyalty.NewID(), Codes: make([]loyalty.NewCode, len(rows))}
	for i, row := range rows {
		c := &batch.Codes[i]
		c.ID, c.Merchant, c.Reward, c.Import, c.Imported, c.Expires = loyalty.NewID(), m, reward, batch.Import, now, row.Expires
		b.Seal(c, row.Text, now)
	}
	return batch
}
