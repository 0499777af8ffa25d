package personal

import (
	"encoding/json"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// IndexKeys are the keys that make blind indexes, of 32 bytes each.
type IndexKeys interface {
	All() [][]byte // that are not retired, those included that come into use later
}

// Box seals and opens what is personal. Several may use it at once.
type Box struct {
	personal *seal.Box
	index    IndexKeys
}

// NewBox takes the keys that seal, and those that make blind indexes.
func NewBox(personal seal.Keys, index IndexKeys) *Box {
	return &Box{seal.New("stempel personal 1", personal), index}
}

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
	RosterColumn  Column = "roster" // the key of one
	WorkColumn    Column = "work"   // an address in the letter to it, and in the job that sends that
)

// bound is the place as a box takes it.
func (p Place) bound() []byte {
	b := append(p.Merchant[:], p.Row[:]...)
	return append(b, p.Column...)
}

// Seal keeps a text secret and whole, under the key of this time.
func (b *Box) Seal(at Place, plain []byte, now time.Time) []byte {
	return b.personal.Seal(at.bound(), plain, now)
}

// Open undoes Seal. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) Open(at Place, sealed []byte) ([]byte, error) {
	return b.personal.Open(at.bound(), sealed)
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
