package credential

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"pgregory.net/rapid"
)

// What verifies by signing again stands and falls with this.
func TestSignerSignsAsTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := ed25519.NewKeyFromSeed(rapid.SliceOfN(rapid.Byte(), ed25519.SeedSize, ed25519.SeedSize).Draw(t, "seed"))
		message := rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		signature, err := signer(key).Sign(nil, message, nil)
		if err != nil || !bytes.Equal(signature, ed25519.Sign(key, message)) {
			t.Fatalf("signed %x, %v", signature, err)
		}
		if public := signer(key).Public(); !key.Public().(ed25519.PublicKey).Equal(public) {
			t.Fatalf("the public half became %x", public)
		}
	})
}
