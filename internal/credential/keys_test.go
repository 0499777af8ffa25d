package credential

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// Every test lives at this moment, with these keys, cards and entries.
var (
	now  = time.Date(2026, 11, 21, 10, 30, 15, 250_000_000, time.UTC)
	card = loyalty.CardID{0x01, 0x93, 0x4d, 0x8a, 0x10, 0x00, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0x00, 0x01}
)

// fixedSigning is one Ed25519 key, known to the world: seed SHA-256(name).
type fixedSigning struct {
	kid string
	key ed25519.PrivateKey
}

func signingKey(kid, name string) fixedSigning {
	seed := sha256.Sum256([]byte(name))
	return fixedSigning{kid, ed25519.NewKeyFromSeed(seed[:])}
}

func (k fixedSigning) Current(time.Time) (string, ed25519.PrivateKey) { return k.kid, k.key }

func (k fixedSigning) Find(kid string) (ed25519.PrivateKey, bool) { return k.key, kid == k.kid }

func (k fixedSigning) public() ed25519.PublicKey { return k.key.Public().(ed25519.PublicKey) }

// fixedMAC is one HMAC key, known to the world: SHA-256(name).
type fixedMAC struct {
	kid string
	key []byte
}

func macKey(kid, name string) fixedMAC {
	key := sha256.Sum256([]byte(name))
	return fixedMAC{kid, key[:]}
}

func (k fixedMAC) Current(time.Time) (string, []byte) { return k.kid, k.key }
func (k fixedMAC) Find(kid string) ([]byte, bool)     { return k.key, kid == k.kid }

var (
	liveKey    = signingKey("l01", "stempel test live")
	receiptKey = signingKey("r01", "stempel test receipt")
	staticKey  = macKey("s01", "stempel test static")
	linkKey    = macKey("u01", "stempel test link")

	rotatingTestKey = macKey("t01", "stempel test rotating")
)

func codeOf(t testing.TB, err error) loyalty.Code {
	t.Helper()
	if err == nil {
		return "ok"
	}
	refusal, ok := err.(*loyalty.Refusal)
	if !ok {
		t.Fatalf("%v is a %T, want a refusal", err, err)
	}
	return refusal.Code
}
