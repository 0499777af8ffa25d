package smarttap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Reader is what all readers of a merchant have in common with Google.
type Reader struct {
	Collector uint32             // the merchant's id as a collector
	Keys      []*ecdsa.PublicKey // of the long-lived keys that readers sign with
}

// ParseKeys reads one or more P-256 public keys in PEM (PUBLIC KEY), as they were given
// to Google. Private keys are refused: they belong into readers alone.
func ParseKeys(text string) ([]*ecdsa.PublicKey, error) {
	var keys []*ecdsa.PublicKey
	rest := []byte(strings.TrimSpace(text))
	for len(rest) > 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("it is not PEM from beginning to end")
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return keys, nil
}

func parseKey(block *pem.Block) (*ecdsa.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
	case "EC PRIVATE KEY", "PRIVATE KEY":
		return nil, errors.New("a private key stands in it: give the public one, which is all that is needed here")
	default:
		return nil, fmt.Errorf("%q stands in it: only public keys may", block.Type)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("a key in it is damaged, or none of the curve P-256")
	}
	return key, nil
}
