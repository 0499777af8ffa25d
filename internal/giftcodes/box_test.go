package giftcodes_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"stempel/internal/giftcodes"
	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// ring is keys named a, b, c …, the last of which is in use.
type ring []byte

func (r ring) key(i int) []byte { return bytes.Repeat([]byte{r[i]}, 32) }

func (r ring) Current(time.Time) (string, []byte) {
	return string(r[len(r)-1:]), r.key(len(r) - 1)
}

func (r ring) Find(kid string) ([]byte, bool) {
	i := bytes.IndexByte(r, kid[0])
	if i < 0 {
		return nil, false
	}
	return r.key(i), true
}

func (r ring) All() (all [][]byte) {
	for i := range r {
		all = append(all, r.key(i))
	}
	return all
}

func TestBox(t *testing.T) {
	t.Parallel()
	before, after := giftcodes.NewBox(ring("a"), ring("a")), giftcodes.NewBox(ring("ab"), ring("ab"))
	code := loyalty.NewCode{GiftCode: loyalty.GiftCode{ID: loyalty.NewID(), Merchant: loyalty.NewID(), Reward: loyalty.NewID()}}
	before.Seal(&code, "AB-1", now)
	if bytes.Contains(code.Sealed, []byte("AB-1")) || len(code.Former) != 0 {
		t.Errorf("%q, %d former", code.Sealed, len(code.Former))
	}
	if text, err := after.Open(&code.GiftCode); text != "AB-1" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	again := loyalty.NewCode{GiftCode: loyalty.GiftCode{ID: loyalty.NewID(), Merchant: code.Merchant, Reward: code.Reward}}
	if after.Seal(&again, "AB-1", now); again.Fingerprint == code.Fingerprint || !slices.Contains(again.Former, code.Fingerprint) {
		t.Error("under another key the same code is not known again")
	}
	elsewhere := again
	elsewhere.Reward = loyalty.NewID()
	if after.Seal(&elsewhere, "AB-1", now); elsewhere.Fingerprint == again.Fingerprint {
		t.Error("another reward's code has the same fingerprint")
	}
	moved := code.GiftCode
	moved.ID = again.ID
	if _, err := before.Open(&moved); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("in another row: %v", err)
	}

	if changed, err := after.Reseal(&code.GiftCode, now); !changed || err != nil || code.Fingerprint != again.Fingerprint {
		t.Errorf("reseal: %t, %v", changed, err)
	}
	if changed, err := after.Reseal(&code.GiftCode, now); changed || err != nil {
		t.Errorf("reseal again: %t, %v", changed, err)
	}
	if text, err := giftcodes.NewBox(ring("b"), ring("b")).Open(&code.GiftCode); text != "AB-1" || err != nil {
		t.Errorf("without the old key: %q, %v", text, err)
	}
	if _, err := before.Open(&code.GiftCode); !errors.Is(err, seal.ErrKeyGone) {
		t.Errorf("without the new key: %v", err)
	}
}
