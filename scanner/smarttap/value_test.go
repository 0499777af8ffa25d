package smarttap

import (
	"testing"

	"stempel/scanner/smarttap/smarttaptest"
)

// FuzzValue takes what a phone of any make could encrypt.
func FuzzValue(f *testing.F) {
	f.Add(smarttaptest.Pass("A"))
	f.Add(smarttaptest.Message(smarttaptest.TextRecord("n", "A"), smarttaptest.Record("n", nil)))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if text, err := value(plain); len(text) > len(plain) || err != nil && text != "" {
			t.Fatalf("%x has the value %q, %v", plain, text, err)
		}
		if plain, err := inflate(plain); len(plain) > maxPlain || err != nil && plain != nil {
			t.Fatalf("%d bytes, %v", len(plain), err)
		}
	})
}
