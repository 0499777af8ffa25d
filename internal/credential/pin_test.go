package credential

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"stempel/internal/loyalty"
)

func TestPINs(t *testing.T) {
	t.Parallel()
	pins := NewPINs([]byte("a key of thirty-two bytes, no 01"))
	a, b := loyalty.MerchantID(fixedID(1)), loyalty.MerchantID(fixedID(2))
	same := pins.MAC(a, "1234")
	if len(same) != 32 || !bytes.Equal(same, pins.MAC(a, "1234")) {
		t.Errorf("%x is not one hash of 32 bytes", same)
	}
	for name, other := range map[string][]byte{
		"another PIN":      pins.MAC(a, "1235"),
		"a longer PIN":     pins.MAC(a, "12340"),
		"another merchant": pins.MAC(b, "1234"),
		"another key":      NewPINs([]byte("a key of thirty-two bytes, no 02")).MAC(a, "1234"),
	} {
		if bytes.Equal(same, other) {
			t.Errorf("%s has the same hash", name)
		}
	}
}

func TestCheckPIN(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"1234", "0000", "123456789012"} {
		if err := CheckPIN(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "123", "1234567890123", "12a4", "12 4", "-123", "１２３４", "1234\n"} {
		var field *loyalty.FieldError
		if err := CheckPIN(bad); !errors.As(err, &field) || field.Field != "pin" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The body of a request may be a PIN and what the till adds to it: its hash must
// not be that of the PIN, nor one that anybody could make.
func TestBodyHash(t *testing.T) {
	t.Parallel()
	pins := NewPINs([]byte("a key of thirty-two bytes, no 01"))
	merchant := loyalty.MerchantID(fixedID(1))
	body := []byte(`{"scan":"sc.h01.","pin":"1234"}`)
	same := pins.BodyHash(body)
	if same != pins.BodyHash(body) {
		t.Error("the same body has two hashes")
	}
	for name, other := range map[string]loyalty.Hash{
		"a plain hash": sha256.Sum256(body),
		"another body": pins.BodyHash(append(body, ' ')),
		"another key":  NewPINs([]byte("a key of thirty-two bytes, no 02")).BodyHash(body),
	} {
		if same == other {
			t.Errorf("%s is the same", name)
		}
	}
	asBody := pins.BodyHash(append(merchant[:], "1234"...))
	if bytes.Equal(asBody[:], pins.MAC(merchant, "1234")) {
		t.Error("a body has the hash of a PIN")
	}
}
