package api_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Receipts can be checked with nothing but the published keys.
func TestReceiptsVerify(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	earned := s.Post(t, apitest.Earn(s.Shop.Front, s.scan, apitest.Map{"units": 2}))
	redeemed := s.Post(t, apitest.Redeem(s.Shop.Front, s.scan, apitest.Map{"voucher": s.voucher}))
	voided := s.Post(t, apitest.Void(s.Shop.Front, redeemed.Entries[0].ID, nil))
	set := apitest.Read[gen.KeySet](t, s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/.well-known/jwks.json"}))
	for _, posted := range []gen.Posting{earned, redeemed, voided} {
		statement := check(t, set, posted.Receipt)
		entry := posted.Entries[0]
		says := apitest.Map{
			"v": 1.0, "entry": entry.ID.String(), "card": s.card.String(), "merchant": s.Shop.ID.String(), "kind": string(entry.Kind),
			"units": float64(entry.Units), "balance": float64(entry.Balance), "seq": float64(entry.Seq), "hash": entry.Hash,
		}
		for name, want := range says {
			if statement[name] != want {
				t.Errorf("%s: %s is %v, want %v", entry.Kind, name, statement[name], want)
			}
		}
	}
	for _, k := range set.Keys {
		if k.Kty != "OKP" || k.Crv != "Ed25519" { // whose one member is public
			t.Errorf("key %+v", k)
		}
	}
}

// check verifies a JWS with the one receipt key that its header names.
func check(t *testing.T, set gen.KeySet, receipt string) apitest.Map {
	t.Helper()
	parts := strings.Split(receipt, ".")
	decoded := make([][]byte, len(parts))
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	var header struct{ Alg, Kid, Typ string }
	var statement apitest.Map
	if err := json.Unmarshal(decoded[0], &header); err != nil || header.Alg != "EdDSA" || header.Typ != "stempel-receipt+jwt" {
		t.Fatalf("header %s: %v", decoded[0], err)
	}
	for _, k := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil {
			t.Fatal(err)
		}
		if k.Kid == header.Kid && k.Purpose == gen.KeyPurposeReceipt && ed25519.Verify(x, []byte(parts[0]+"."+parts[1]), decoded[2]) {
			if err := json.Unmarshal(decoded[1], &statement); err != nil {
				t.Fatal(err)
			}
			return statement
		}
	}
	t.Fatalf("no published key made %s", receipt)
	return nil
}
