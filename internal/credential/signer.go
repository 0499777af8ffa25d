package credential

import (
	"crypto"
	"crypto/ed25519"
	"io"

	swift "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// signer signs as an ed25519.PrivateKey does, bit for bit (RFC 8032 §5.1.6), in
// little more than half the time: a scan costs two signatures, which are the
// largest part of what the server does for it.
type signer ed25519.PrivateKey

// Public is the public half.
func (s signer) Public() crypto.PublicKey { return ed25519.PrivateKey(s).Public() }

// Sign signs a message, not a digest of one.
func (s signer) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return swift.Sign(swift.PrivateKey(s), message), nil
}
