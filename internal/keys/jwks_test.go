package keys

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestJWKS(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	if _, err := ring.Rotate(t.Context(), Live, start, Ahead); err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(ring.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	var kids []string
	for _, k := range set.Keys {
		kids = append(kids, k["kid"]+":"+k["purpose"])
		if len(k) != 7 || k["kty"] != "OKP" || k["crv"] != "Ed25519" || k["use"] != "sig" || k["alg"] != "EdDSA" {
			t.Errorf("%v", k)
		}
		x, err := base64.RawURLEncoding.Strict().DecodeString(k["x"])
		key, ok := ring.Signing(Purpose(k["purpose"])).Find(k["kid"])
		if err != nil || !ok || !ed25519.PublicKey(x).Equal(key.Public()) {
			t.Errorf("%v is not the key that verifies", k)
		}
	}
	if got := strings.Join(kids, " "); got != "l01:live l02:live r01:receipt o01:lease v01:statement" {
		t.Errorf("published %s", got)
	}
}

// What is published must not hold anything of the private halves.
func TestJWKSHoldsNoSecret(t *testing.T) {
	t.Parallel()
	ring := open(t, &memory{})
	text := string(ring.JWKS())
	for _, k := range ring.current.Load().document.Keys {
		for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
			if strings.Contains(text, encoding.EncodeToString(k.Secret)) {
				t.Errorf("the secret of %s is published", k.KID)
			}
		}
	}
}
