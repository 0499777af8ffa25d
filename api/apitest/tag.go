package apitest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/scanner/ntag"
	"stempel/scanner/ntag/ntagtest"
)

// UID is the serial number of a chip that nobody has registered.
func UID() string {
	b := [7]byte{0: 4}
	rand.Read(b[1:])
	return fmt.Sprintf("%X", b)
}

// NewTag registers a chip for a card and sets it up.
func (a *API) NewTag(t testing.TB, shop *Shop, card loyalty.CardID) (gen.Tag, *ntagtest.Chip) {
	t.Helper()
	tag := Read[gen.Tag](t, a.Do(t, Call{Path: "/v1/tags", Token: shop.Admin, Body: Map{"card": card, "uid": UID()}}))
	return tag, SetUp(t, &tag)
}

// SetUp is a chip that was written as an answer says.
func SetUp(t testing.TB, tag *gen.Tag) *ntagtest.Chip {
	t.Helper()
	if tag.Chip == nil {
		t.Fatalf("nothing to write to the chip: %+v", tag)
	}
	return &ntagtest.Chip{
		UID: [7]byte(unhex(t, tag.UID)), Template: tag.Chip.URL,
		Meta: ntag.Key(unhex(t, tag.Chip.MetaKey)), File: ntag.Key(unhex(t, tag.Chip.FileKey)),
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Tapped is a till's request with what its NFC reader has read, under a fresh key.
func Tapped(till Till, url string, more Map) Call {
	call := Scan(till, url, more)
	call.Body.(Map)["channel"] = "nfc"
	return call
}
