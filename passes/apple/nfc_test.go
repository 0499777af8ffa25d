package apple

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"testing"
)

func TestCheckNFCKey(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	full, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckNFCKey(compressedKey(key)); err != nil {
		t.Errorf("a compressed key: %v", err)
	}
	for what, text := range map[string]string{
		"whole point": base64.StdEncoding.EncodeToString(full),
		"no base64":   "!",
		"empty":       "",
		"garbage":     base64.StdEncoding.EncodeToString([]byte("garbage")),
		"more behind": base64.StdEncoding.EncodeToString(append(full, 0)),
	} {
		if CheckNFCKey(text) == nil {
			t.Errorf("%s is a key", what)
		}
	}
}

// compressedKey is a public key as a pass's nfc dictionary has it.
func compressedKey(key *ecdsa.PrivateKey) string {
	head := []byte{
		0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00,
	}
	return base64.StdEncoding.EncodeToString(append(head, elliptic.MarshalCompressed(elliptic.P256(), key.X, key.Y)...))
}
