package google

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// What Google's callbacks are signed with: ECDSA over P-256 with SHA-256, in the
// form of Tink's PaymentMethodTokenRecipient without its encryption.
const (
	protocol = "ECv2SigningOnly"
	sender   = "GooglePayPasses"
)

// Bounds of an envelope, far above what Google sends.
const (
	maxCallback   = 16 << 10 // bytes
	maxSignatures = 8        // of the intermediate key
	maxRootKeys   = 16
)

// envelope is what a callback's body is.
type envelope struct {
	Protocol     string `json:"protocolVersion"`
	Signature    string `json:"signature"`
	Intermediate struct {
		SignedKey  string   `json:"signedKey"`
		Signatures []string `json:"signatures"`
	} `json:"intermediateSigningKey"`
	SignedMessage string `json:"signedMessage"`
}

// signingKey is the JSON text that a root key signs.
type signingKey struct {
	Value   string `json:"keyValue"`      // P-256, PKIX, base64
	Expires string `json:"keyExpiration"` // ms since 1970
}

// Why an envelope does not open.
var (
	errMalformed = errors.New("it is not an envelope of " + protocol)
	errForged    = errors.New("its signatures are not Google's")
	errKeyEnded  = errors.New("the key that signed it has expired")
)

// readEnvelope reads a body strictly as far as it goes: no name twice, UTF-8, and
// one version. Names that we do not know are Google's to add.
func readEnvelope(body []byte) (e envelope, err error) {
	if len(body) > maxCallback || json.Unmarshal(body, &e) != nil || e.Protocol != protocol ||
		len(e.Intermediate.Signatures) > maxSignatures {
		return envelope{}, errMalformed
	}
	return e, nil
}

// open verifies an envelope for an issuer and returns its message. Errors:
// errMalformed, errForged, errKeyEnded.
func (e *envelope) open(roots []rootKey, issuer Issuer, now time.Time) ([]byte, error) {
	over := framed(sender, protocol, e.Intermediate.SignedKey)
	signed := slices.ContainsFunc(roots, func(root rootKey) bool {
		return now.Before(root.expires) && slices.ContainsFunc(e.Intermediate.Signatures, func(signature string) bool {
			return verify(root.key, over, signature)
		})
	})
	if !signed {
		return nil, errForged
	}
	var intermediate signingKey
	if json.Unmarshal([]byte(e.Intermediate.SignedKey), &intermediate) != nil {
		return nil, errMalformed
	}
	expires, err := readMillis(intermediate.Expires)
	if err != nil {
		return nil, errMalformed
	}
	key, err := readPublicKey(intermediate.Value)
	if err != nil {
		return nil, errMalformed
	}
	if !now.Before(expires) {
		return nil, errKeyEnded
	}
	if !verify(key, framed(sender, string(issuer), protocol, e.SignedMessage), e.Signature) {
		return nil, errForged
	}
	return []byte(e.SignedMessage), nil
}

// framed puts parts together so that no two lists of parts look the same: each
// behind its length as four bytes, the lowest first.
func framed(parts ...string) []byte {
	var bytes []byte
	for _, part := range parts {
		bytes = binary.LittleEndian.AppendUint32(bytes, uint32(len(part)))
		bytes = append(bytes, part...)
	}
	return bytes
}

func verify(key *ecdsa.PublicKey, over []byte, signature string) bool {
	der, err := base64.StdEncoding.Strict().DecodeString(signature)
	digest := sha256.Sum256(over)
	return err == nil && ecdsa.VerifyASN1(key, digest[:], der)
}

func readPublicKey(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("not a P-256 key")
	}
	return key, nil
}

func readMillis(text string) (time.Time, error) {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > maxMillis {
		return time.Time{}, errors.New("not a time")
	}
	return time.UnixMilli(ms), nil
}

// maxMillis is the year 9999: later, times no longer compare as they should.
const maxMillis = 253_402_300_799_999
