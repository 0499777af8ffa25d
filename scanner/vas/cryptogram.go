package vas

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// MaxMessage is the longest message that Apple lets a pass have, in bytes.
const MaxMessage = 64

const (
	idLength    = 4  // of a reader's key
	pointLength = 32 // X, or Y
	timeLength  = 4
	tagLength   = 16

	overhead = idLength + pointLength + timeLength + tagLength
)

// KeyID names a reader's key: the first bytes of the SHA-256 of its public X.
type KeyID [idLength]byte

func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Cryptogram is what a phone has answered. Nothing of it is proven before
// Keys.Open.
type Cryptogram struct {
	Reader KeyID
	device [pointLength]byte // X of the phone's key, made for this one answer
	sealed []byte
}

// Parse reads a cryptogram as readers hand it over: as hex in either case, or in
// standard Base64 with its padding and with no bit to spare. A text of hex digits alone is hex. It
// reports false for anything else, and for what is no cryptogram by its length: of a
// message of 1 to MaxMessage bytes.
func Parse(text string) (Cryptogram, bool) {
	b, ok := decode(text)
	if !ok || len(b) <= overhead || len(b) > overhead+MaxMessage {
		return Cryptogram{}, false
	}
	point := b[idLength:]
	return Cryptogram{
		Reader: KeyID(b), device: [pointLength]byte(point), sealed: point[pointLength:],
	}, true
}

const hexDigits = "0123456789abcdefABCDEF"

var base64Strict = base64.StdEncoding.Strict()

func decode(text string) ([]byte, bool) {
	if strings.Trim(text, hexDigits) == "" {
		b, err := hex.DecodeString(text)
		return b, err == nil
	}
	b, err := base64Strict.DecodeString(text)
	// Its decoder passes over line breaks, which then are too many characters.
	return b, err == nil && base64Strict.EncodedLen(len(b)) == len(text)
}

// Bytes is the cryptogram as the phone made it: the same for all spellings.
func (c *Cryptogram) Bytes() []byte {
	b := make([]byte, 0, idLength+pointLength+len(c.sealed))
	b = append(b, c.Reader[:]...)
	b = append(b, c.device[:]...)
	return append(b, c.sealed...)
}
