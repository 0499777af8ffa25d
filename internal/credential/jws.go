package credential

import (
	"crypto/ed25519"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// jws is the compact serialization of RFC 7515 under EdDSA (RFC 8037), with a
// header of exactly alg, kid and what else one kind of text has. It knows one
// spelling: the header is compared, not interpreted, so that there is no
// algorithm to choose and nothing to smuggle in.
type jws struct {
	keys SigningKeys
	tail string // of the header, after the key's id
}

const headerStart = `{"alg":"EdDSA","kid":"`

// sign returns the text over a payload.
func (j jws) sign(payload []byte, now time.Time) (string, error) {
	kid, key := j.keys.Current(now)
	header := make([]byte, 0, 96)
	header = append(header, headerStart...)
	header = append(header, kid...)
	header = append(header, j.tail...)

	text := make([]byte, 0, 1024)
	text = encoding.AppendEncode(text, header)
	text = append(text, '.')
	text = encoding.AppendEncode(text, payload)
	signature, err := jwt.SigningMethodEdDSA.Sign(string(text), signer(key))
	if err != nil {
		return "", err
	}
	text = append(text, '.')
	text = encoding.AppendEncode(text, signature)
	return string(text), nil
}

// unverified is a text taken apart. Nothing of it can be trusted yet.
type unverified struct {
	kid       string
	payload   string
	signed    string // header and payload as they were signed
	signature []byte
}

// flaw is what is wrong with a text as far as its outside shows.
type flaw int

const (
	sound   flaw = iota
	damaged      // not three segments of base64url
	foreign      // the header is not one of ours
)

// split takes a text apart.
func (j jws) split(text string) (unverified, flaw) {
	first, rest, _ := strings.Cut(text, ".")
	second, third, _ := strings.Cut(rest, ".") // a third dot is no base64
	header, headerOK := decode(first)
	payload, payloadOK := decode(second)
	signature, signatureOK := decode(third)
	if !headerOK || !payloadOK || !signatureOK || len(signature) != ed25519.SignatureSize {
		return unverified{}, damaged
	}
	kid, startOK := strings.CutPrefix(string(header), headerStart)
	kid, tailOK := strings.CutSuffix(kid, j.tail)
	if !startOK || !tailOK {
		return unverified{}, foreign
	}
	signed := text[:len(first)+1+len(second)]
	return unverified{kid, string(payload), signed, signature}, sound
}

// verify reports whether the signature is that of the named key, and the key one
// of ours. Ed25519 is deterministic (RFC 8032 §5.1.6) and only we sign with our
// keys, so the true signature is the one that signing again gives. That takes
// half the time of the public check, refuses every other form of a signature,
// and, compared in constant time, tells an asker no more than a MAC would.
// Others verify with the published keys.
func (j jws) verify(u unverified) bool {
	key, ok := j.keys.Find(u.kid)
	if !ok {
		return false
	}
	signature, err := jwt.SigningMethodEdDSA.Sign(u.signed, signer(key))
	return err == nil && subtle.ConstantTimeCompare(signature, u.signature) == 1
}
