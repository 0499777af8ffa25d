package keys

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func TestParseMaster(t *testing.T) {
	t.Parallel()
	var want [32]byte
	for i := range want {
		want[i] = byte(0xff - i) // its base64 has characters of either alphabet
	}
	for _, good := range []string{
		hex.EncodeToString(want[:]), strings.ToUpper(hex.EncodeToString(want[:])),
		base64.StdEncoding.EncodeToString(want[:]), base64.RawStdEncoding.EncodeToString(want[:]),
		base64.URLEncoding.EncodeToString(want[:]), base64.RawURLEncoding.EncodeToString(want[:]),
		" " + hex.EncodeToString(want[:]) + "\r\n",
	} {
		if got, err := ParseMaster(good); err != nil || got != want {
			t.Errorf("%q: %x, %v", good, got, err)
		}
	}
	if _, err := ParseMaster(NewMaster()); err != nil {
		t.Errorf("a new one: %v", err)
	}
	if one, other := NewMaster(), NewMaster(); one == other {
		t.Error("two new ones are the same")
	}
	for bad, says := range map[string]string{
		"":                            "empty",
		" \n":                         "empty",
		"correct horse":               "neither",
		strings.Repeat("zz", 32):      "48 bytes",
		hex.EncodeToString(want[:31]): "bytes",
		base64.StdEncoding.EncodeToString(want[:16]):        "16 bytes",
		base64.StdEncoding.EncodeToString(make([]byte, 33)): "33 bytes",
	} {
		_, err := ParseMaster(bad)
		if !errors.Is(err, ErrMasterKey) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", bad, err, says)
		}
		if len(bad) > 4 && err != nil && strings.Contains(err.Error(), bad) {
			t.Errorf("%v repeats the key", err)
		}
	}
}

func FuzzParseMaster(f *testing.F) {
	f.Add(NewMaster())
	f.Add("zz")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseMaster(text)
		if err != nil && (!errors.Is(err, ErrMasterKey) || key != [32]byte{}) {
			t.Fatalf("%q: %x, %v", text, key, err)
		}
	})
}
