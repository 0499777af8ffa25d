package webhooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Secret is what deliveries are signed with: 32 random bytes.
type Secret []byte

// SecretPrefix begins a secret's text.
const SecretPrefix = "whsec_"

const secretLength = 32 // bytes; the specification asks for 24 to 64

// newSecret makes a secret.
func newSecret() Secret {
	secret := make(Secret, secretLength)
	rand.Read(secret)
	return secret
}

// Text is the secret as the merchant gets it.
func (s Secret) Text() string { return SecretPrefix + base64.StdEncoding.EncodeToString(s) }

// signature is the header webhook-signature: for each secret, "v1," and the
// base64 of HMAC-SHA256 over id.timestamp.body, with spaces between (Standard
// Webhooks, "Signature scheme").
func signature(id string, at time.Time, body []byte, secrets []Secret) string {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + timestamp(at) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}

// timestamp is the header webhook-timestamp: seconds since 1970.
func timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
