package credential

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"stempel/internal/loyalty"
)

// TagKey is an AES-128 key of an NFC chip.
type TagKey [16]byte

// TagKeys are what the keys of chips follow from, with HKDF-SHA256 (RFC 5869). They
// are computed whenever they are needed and kept nowhere but in the chips; how, for
// tools that write them there, is specified in mobile-contracts/nfc.md.
type TagKeys struct{ keys MACKeys }

// NewTagKeys takes the keys that those of chips follow from, which must serve
// nothing else.
func NewTagKeys(keys MACKeys) *TagKeys { return &TagKeys{keys} }

// KeyID is the key from which those of new tags follow. It is kept with the tag, as
// long as that lives in its chip.
func (k *TagKeys) KeyID(now time.Time) string {
	kid, _ := k.keys.Current(now)
	return kid
}

// Meta is what a merchant's chips encrypt UID and counter with. It is one for all of
// them: who reads a message does not know yet which chip it is from. False when that
// key was retired, or is none.
func (k *TagKeys) Meta(m loyalty.MerchantID, kid string) (TagKey, bool) {
	return k.derive(kid, "meta", m, nil)
}

// File is what one chip makes its messages with in one epoch.
func (k *TagKeys) File(t *loyalty.Tag) (TagKey, bool) {
	of := append([]byte(nil), t.UID[:]...)
	return k.derive(t.KeyID, "file", t.Merchant, binary.BigEndian.AppendUint32(of, uint32(t.Epoch)))
}

// Change is what opens one chip for changing its settings and keys. It is the same in
// every epoch, so that who lost count can still do so.
func (k *TagKeys) Change(t *loyalty.Tag) (TagKey, bool) {
	return k.derive(t.KeyID, "change", t.Merchant, t.UID[:])
}

func (k *TagKeys) derive(kid, use string, m loyalty.MerchantID, of []byte) (made TagKey, ok bool) {
	key, ok := k.keys.Find(kid)
	if !ok {
		return made, false
	}
	info := "stempel tag 1 " + use + "\x00" + string(m[:]) + string(of)
	b, err := hkdf.Key(sha256.New, key, nil, info, len(made))
	if err != nil {
		panic("credential: HKDF makes no 16 bytes: " + err.Error())
	}
	return TagKey(b), true
}
