package credential

import (
	"strings"
	"testing"
)

func TestPairingCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		code := NewPairingCode()
		typed := strings.NewReplacer("0", "O", "1", "i", "-", " ").Replace(" " + strings.ToLower(code))
		for _, text := range []string{code, typed, strings.ReplaceAll(code, "-", "")} {
			if got, ok := ParsePairingCode(text); !ok || got != code {
				t.Fatalf("%q is read as %q, %v; want %q", text, got, ok, code)
			}
		}
		seen[code] = true
	}
	if len(seen) < 1000 {
		t.Errorf("%d different codes of 1000", len(seen))
	}
	for _, bad := range []string{"", "-", "AAAAA-AAAA", "AAAAA-AAAAAA", "AAAAA-AAAAU", "AAAAA_AAAAA", "AAAAA-AAAAé", "\xff"} {
		if got, ok := ParsePairingCode(bad); ok {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
	one, other := NewPINs([]byte("one")), NewPINs([]byte("other"))
	if one.PairingHash("x") == other.PairingHash("x") || one.PairingHash("x") == one.PairingHash("y") {
		t.Error("the hash does not depend on key and code")
	}
}

// Whatever is read has the one form that is made and hashed.
func FuzzParsePairingCode(f *testing.F) {
	for _, seed := range []string{"7KQ2M-X4B9T", "7kq2m x4b9t", "oil", "ſſſſſſſſſſ", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := ParsePairingCode(typed)
		if !ok {
			return
		}
		if again, ok := ParsePairingCode(code); !ok || again != code || len(code) != pairingLength+1 || code[pairingLength/2] != '-' {
			t.Errorf("%q is read as %q, and that as %q", typed, code, again)
		}
	})
}
