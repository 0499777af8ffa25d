package credential

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// tagCase is a chip of a merchant in one epoch, and its keys.
type tagCase struct {
	Name     string `json:"name"`
	Merchant string `json:"merchant"`
	UID      string `json:"uid"`
	Epoch    int32  `json:"epoch"`
	Meta     string `json:"meta_key"`
	File     string `json:"file_key"`
	Change   string `json:"change_key"`
}

var tagTestKey = macKey("n01", "stempel test tag")

// keysOf are meta, file and change key as people read them.
func keysOf(t *testing.T, keys *TagKeys, tag *loyalty.Tag) [3]string {
	t.Helper()
	meta, ok := keys.Meta(tag.Merchant, tag.KeyID)
	file, okFile := keys.File(tag)
	change, okChange := keys.Change(tag)
	if !ok || !okFile || !okChange {
		t.Fatalf("no keys of %s", tag.KeyID)
	}
	var texts [3]string
	for i, key := range []TagKey{meta, file, change} {
		texts[i] = strings.ToUpper(hex.EncodeToString(key[:]))
	}
	return texts
}

func TestTagVectors(t *testing.T) {
	t.Parallel()
	keys := NewTagKeys(tagTestKey)
	made := func(name string, merchant byte, uid loyalty.TagUID, epoch int32) tagCase {
		tag := loyalty.Tag{Merchant: loyalty.MerchantID(fixedID(merchant)), UID: uid, Epoch: epoch, KeyID: tagTestKey.kid}
		texts := keysOf(t, keys, &tag)
		return tagCase{name, tag.Merchant.String(), uid.String(), epoch, texts[0], texts[1], texts[2]}
	}
	chip := loyalty.TagUID{0x04, 0xde, 0x5f, 0x1e, 0xac, 0xc0, 0x40}
	file := vectorFile[tagCase]{
		About: "Keys of NTAG 424 DNA chips: see nfc.md. The key that they follow from is known to the world.",
		Keys:  []vectorKey{{KID: tagTestKey.kid, Purpose: "tag", HKDF: hex.EncodeToString(tagTestKey.key)}},
		Cases: []tagCase{
			made("a chip", 1, chip, 1),
			made("renewed", 1, chip, 2),
			made("another chip", 1, loyalty.TagUID{0x04, 0x95, 0x8c, 0xaa, 0x5c, 0x5e, 0x80}, 1),
			made("another merchant's", 2, chip, 1),
			made("an epoch of more than a byte", 1, chip, 258),
		},
	}
	seen := map[string]string{}
	for _, c := range readVectors(t, "tag.json", file) {
		for use, key := range map[string]string{"meta " + c.Merchant: c.Meta, "change " + c.Merchant + c.UID: c.Change, "file " + c.Name: c.File} {
			if other, again := seen[key]; again && other != use {
				t.Errorf("%s and %s are the same key", use, other)
			}
			seen[key] = use
		}
	}
}

func TestTagKeysOfARetiredKey(t *testing.T) {
	t.Parallel()
	keys := NewTagKeys(tagTestKey)
	if kid := keys.KeyID(time.Time{}); kid != "n01" {
		t.Errorf("new tags follow from %s", kid)
	}
	tag := loyalty.Tag{Epoch: 1, KeyID: "n02"}
	_, ok := keys.Meta(tag.Merchant, tag.KeyID)
	_, okFile := keys.File(&tag)
	_, okChange := keys.Change(&tag)
	if ok || okFile || okChange {
		t.Errorf("keys that follow from none: %v, %v, %v", ok, okFile, okChange)
	}
}
