package keys

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrMasterKey is what ParseMaster answers to a text that is no master key. The
// error never repeats the text.
var ErrMasterKey = errors.New("the master key must be 32 bytes as base64 or hex")

// ParseMaster reads a master key: 32 bytes as 64 hex digits or as base64, in
// either alphabet, padded or not. White space around it is ignored, because
// files end in a newline. Errors wrap ErrMasterKey.
func ParseMaster(text string) ([32]byte, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return [32]byte{}, fmt.Errorf("%w: it is empty", ErrMasterKey)
	}
	if len(text) == hex.EncodedLen(32) {
		if key, err := hex.DecodeString(text); err == nil {
			return [32]byte(key), nil
		}
	}
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.Strict().DecodeString(standard)
	if err != nil {
		return [32]byte{}, fmt.Errorf("%w: it is neither", ErrMasterKey)
	}
	if len(key) != 32 {
		return [32]byte{}, fmt.Errorf("%w: it has %d bytes", ErrMasterKey, len(key))
	}
	return [32]byte(key), nil
}

// NewMaster makes a fresh master key, in a form that ParseMaster reads.
func NewMaster() string {
	var key [32]byte
	rand.Read(key[:])
	return base64.RawURLEncoding.EncodeToString(key[:])
}
