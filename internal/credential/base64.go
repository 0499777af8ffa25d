package credential

import "encoding/base64"

var encoding = base64.RawURLEncoding.Strict()

// decode reads base64url without padding (RFC 4648 §5) in its one spelling. The
// standard decoder, strict or not, passes over line breaks; what it passed over
// is missing from the length.
func decode(text string) ([]byte, bool) {
	decoded, err := encoding.DecodeString(text)
	return decoded, err == nil && encoding.EncodedLen(len(decoded)) == len(text)
}
