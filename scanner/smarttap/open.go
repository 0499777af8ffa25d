package smarttap

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Why a session is not opened.
var (
	ErrCollector = errors.New("the session is not of this collector")
	ErrChanged   = errors.New("the session was not begun by this collector's readers, or was changed")
	ErrNoValue   = errors.New("there is not one loyalty pass in the session")
)

// Open says which redemption value the phone gave. It proves that whoever has made the
// session has had a signature of one of the readers over it, and its ephemeral key; but
// a reader can make sessions up, so no session is worth more than the till
// that brings it. Errors: ErrCollector, ErrChanged, ErrNoValue.
func (r *Reader) Open(s *Session) (string, error) {
	if s.collector != r.Collector {
		return "", ErrCollector
	}
	terminal, err := ecdh.P256().NewPrivateKey(s.terminalKey)
	if err != nil {
		return "", ErrChanged
	}
	mobile, ok := decompress(s.mobileKey)
	if !ok {
		return "", ErrChanged
	}
	signed := s.signed(terminal.PublicKey())
	if !r.hasSigned(signed, s.signature) {
		return "", ErrChanged
	}
	shared, err := terminal.ECDH(mobile)
	if err != nil {
		return "", ErrChanged
	}
	k, err := derive(shared, s.mobileKey, signed, s.signature)
	if err != nil {
		return "", ErrChanged
	}
	plain, err := k.open(s.record)
	if err != nil {
		return "", err
	}
	return value(plain)
}

// signed is what the reader has signed when it began the session.
func (s *Session) signed(terminal *ecdh.PublicKey) []byte {
	b := slices.Concat(s.terminalNonce, s.mobileNonce)
	b = binary.BigEndian.AppendUint32(b, s.collector)
	return append(b, compress(terminal)...)
}

func (r *Reader) hasSigned(signed, signature []byte) bool {
	hash := sha256.Sum256(signed)
	return slices.ContainsFunc(r.Keys, func(key *ecdsa.PublicKey) bool {
		return ecdsa.VerifyASN1(key, hash[:], signature)
	})
}

// compress spells a public key in 33 bytes.
func compress(public *ecdh.PublicKey) []byte {
	b := public.Bytes() // 04 ‖ X ‖ Y
	return append([]byte{2 | b[len(b)-1]&1}, b[1:pointLength]...)
}

func decompress(b []byte) (*ecdh.PublicKey, bool) {
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), b)
	if x == nil {
		return nil, false
	}
	full := make([]byte, 2*pointLength-1)
	full[0] = 4
	x.FillBytes(full[1:pointLength])
	y.FillBytes(full[pointLength:])
	public, err := ecdh.P256().NewPublicKey(full)
	return public, err == nil
}

// keys are those of one session.
type keys struct{ aes, mac []byte }

func derive(shared, mobile, signed, signature []byte) (keys, error) {
	const aesLength = 16
	b, err := hkdf.Key(sha256.New, shared, mobile, string(signed)+string(signature), aesLength+macLength)
	if err != nil {
		return keys{}, err
	}
	return keys{b[:aesLength], b[aesLength:]}, nil
}

// What a record says of itself in its first byte.
const (
	encrypted  = 1
	compressed = 2
)

// open decrypts flag ‖ IV ‖ ciphertext ‖ HMAC of IV and ciphertext.
func (k keys) open(record []byte) ([]byte, error) {
	flag, sealed := record[0], record[flagLength:len(record)-macLength]
	h := hmac.New(sha256.New, k.mac)
	h.Write(sealed)
	if !hmac.Equal(h.Sum(nil), record[len(record)-macLength:]) {
		return nil, ErrChanged
	}
	if flag != encrypted && flag != encrypted|compressed { // it stands outside of the HMAC
		return nil, ErrChanged
	}
	block, err := aes.NewCipher(k.aes)
	if err != nil {
		return nil, ErrChanged
	}
	var counter [aes.BlockSize]byte // the IV, and zeros that count
	copy(counter[:], sealed[:ivLength])
	plain := make([]byte, len(sealed)-ivLength)
	cipher.NewCTR(block, counter[:]).XORKeyStream(plain, sealed[ivLength:])
	if flag&compressed == 0 {
		return plain, nil
	}
	return inflate(plain)
}

// maxPlain is the most that a record may unpack to, in bytes: a pass's value is short.
const maxPlain = 4096

// inflate unpacks a zlib stream, and never more than a byte too many.
func inflate(packed []byte) ([]byte, error) {
	rest := bytes.NewReader(packed) // reads single bytes, so none behind the stream is lost
	stream, err := zlib.NewReader(rest)
	if err != nil {
		return nil, ErrChanged
	}
	plain, err := io.ReadAll(io.LimitReader(stream, maxPlain+1))
	if err != nil || len(plain) > maxPlain || rest.Len() > 0 {
		return nil, ErrChanged
	}
	return plain, nil
}
