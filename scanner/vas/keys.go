package vas

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Keys are private keys of readers. Several are in use while passes are given a new
// one.
type Keys map[KeyID]*ecdh.PrivateKey

// ParseKeys reads one or more P-256 private keys in PEM, as SEC 1 (EC PRIVATE KEY)
// or PKCS #8 (PRIVATE KEY). Beside them only the EC PARAMETERS may stand that openssl
// writes before a key. Its errors show nothing of a key.
func ParseKeys(text string) (Keys, error) {
	keys := Keys{}
	rest := []byte(strings.TrimSpace(text))
	for len(rest) > 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errors.New("it is not PEM from beginning to end")
		}
		if block.Type == "EC PARAMETERS" {
			continue
		}
		key, err := parseKey(block)
		if err != nil {
			return nil, err
		}
		if err := keys.add(key); err != nil {
			return nil, err
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return keys, nil
}

func parseKey(block *pem.Block) (*ecdh.PrivateKey, error) {
	var parsed any
	var err error
	switch block.Type {
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%q stands in it: only private keys may", block.Type)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("a key in it is damaged, or none of an elliptic curve")
	}
	shared, err := key.ECDH()
	if err != nil || shared.Curve() != ecdh.P256() {
		return nil, errors.New("a key in it is none of the curve P-256")
	}
	return shared, nil
}

// add refuses what has the id of another key: also the key whose X is the same.
func (k Keys) add(key *ecdh.PrivateKey) error {
	id := idOf(key.PublicKey())
	if _, known := k[id]; known {
		return fmt.Errorf("two keys in it have the id %s", id)
	}
	k[id] = key
	return nil
}

func idOf(public *ecdh.PublicKey) KeyID {
	hash := sha256.Sum256(xOf(public))
	return KeyID(hash[:])
}

func xOf(public *ecdh.PublicKey) []byte {
	return public.Bytes()[1 : 1+pointLength] // behind the 04 of an uncompressed point
}

// Opens reports whether what is encrypted for a public key can be opened. The key is as
// it stands in a pass: an X.509 SubjectPublicKeyInfo, which ends with the compressed
// point. Of that only X matters.
func (k Keys) Opens(spki []byte) bool {
	x := spki[max(0, len(spki)-pointLength):]
	hash := sha256.Sum256(x)
	key, known := k[KeyID(hash[:])]
	return known && bytes.Equal(xOf(key.PublicKey()), x)
}
