package smarttap

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Prefix begins the text of every session.
const Prefix = "gst1."

const (
	nonceLength   = 32
	collectLength = 4
	secretLength  = 32 // of a private key
	pointLength   = 33 // compressed
	maxSignature  = 72 // of P-256 in DER
	minSignature  = 8

	flagLength = 1
	ivLength   = 12
	macLength  = 32

	fixedLength = 2*nonceLength + collectLength + secretLength + pointLength + 1
	minRecord   = flagLength + ivLength + 1 + macLength
	maxRecord   = 512
)

// Session is what passed between a reader and a phone. Nothing of it is proven before
// Reader.Open.
type Session struct {
	raw []byte

	terminalNonce, mobileNonce []byte
	collector                  uint32
	terminalKey                []byte // the reader's private key of this session
	mobileKey                  []byte // the phone's public key of this session, compressed
	signature                  []byte // of the reader's long-lived key, DER
	record                     []byte // payload of the phone's record bundle, "reb"
}

var encoding = base64.RawURLEncoding.Strict()

// Parse reads a session in the form that mobile-contracts/nfc.md gives it: Prefix and, in
// base64url without padding, terminal nonce ‖ mobile nonce ‖ collector id ‖ the
// terminal's ephemeral private key ‖ the phone's ephemeral key ‖ length of the
// signature ‖ signature ‖ record. It reports false for anything else.
func Parse(text string) (*Session, bool) {
	encoded, ok := strings.CutPrefix(text, Prefix)
	if !ok {
		return nil, false
	}
	b, err := encoding.DecodeString(encoded)
	// The decoder passes over line breaks, which then are too many characters.
	if err != nil || encoding.EncodedLen(len(b)) != len(encoded) || len(b) < fixedLength {
		return nil, false
	}
	s := &Session{raw: b}
	cut := func(length int) (field []byte) {
		field, b = b[:length:length], b[length:]
		return field
	}
	s.terminalNonce, s.mobileNonce = cut(nonceLength), cut(nonceLength)
	s.collector = binary.BigEndian.Uint32(cut(collectLength))
	s.terminalKey, s.mobileKey = cut(secretLength), cut(pointLength)
	signed := int(cut(1)[0])
	if signed < minSignature || signed > maxSignature || len(b) < signed+minRecord || len(b) > signed+maxRecord {
		return nil, false
	}
	s.signature, s.record = cut(signed), b
	return s, true
}

// Bytes are all that the session says, which tell it from any other.
func (s *Session) Bytes() []byte { return s.raw }
