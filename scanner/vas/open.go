package vas

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"
	"time"
)

// Why a cryptogram is not opened.
var (
	ErrNoKey   = errors.New("the cryptogram is for a reader's key that is not here")
	ErrChanged = errors.New("the cryptogram was not made for this pass type, or was changed")
)

// Pass is what a cryptogram says. There is no word of the reader's in it, so nothing
// but Time and the cryptogram itself tell it from one that was recorded.
type Pass struct {
	Time    time.Time // when the phone made it, by the phone's clock, to the second
	Message string    // of the pass's nfc dictionary
}

// epoch is when the phone's seconds begin.
var epoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// Open decrypts a cryptogram of a pass of one type. Errors: ErrNoKey, ErrChanged.
func (k Keys) Open(c *Cryptogram, passType string) (Pass, error) {
	reader, known := k[c.Reader]
	if !known {
		return Pass{}, ErrNoKey
	}
	device, ok := lift(c.device)
	if !ok {
		return Pass{}, ErrChanged
	}
	shared, err := reader.ECDH(device)
	if err != nil {
		return Pass{}, ErrChanged
	}
	plain, err := sealer(shared, passType).Open(nil, make([]byte, nonceLength), c.sealed, nil)
	if err != nil {
		return Pass{}, ErrChanged
	}
	seconds := binary.BigEndian.Uint32(plain)
	return Pass{
		Time:    epoch.Add(time.Duration(seconds) * time.Second),
		Message: string(plain[timeLength:]),
	}, nil
}

// lift is a point with this X: of the two, either gives the same shared secret.
// It reports false where the curve has none, and where X is not below the field's
// size, so that no X has a second spelling.
func lift(x [pointLength]byte) (*ecdh.PublicKey, bool) {
	compressed := append([]byte{2}, x[:]...)
	px, py := elliptic.UnmarshalCompressed(elliptic.P256(), compressed)
	if px == nil {
		return nil, false
	}
	return point(px, py)
}

func point(x, y *big.Int) (*ecdh.PublicKey, bool) {
	b := make([]byte, 1+2*pointLength)
	b[0] = 4
	x.FillBytes(b[1 : 1+pointLength])
	y.FillBytes(b[1+pointLength:])
	public, err := ecdh.P256().NewPublicKey(b)
	return public, err == nil
}

// nonceLength is Apple's, of zeros: the key is of one cryptogram only.
const nonceLength = 16

// sealer is AES-256-GCM under the key of one cryptogram.
func sealer(shared []byte, passType string) cipher.AEAD {
	key := derive(shared, passType)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("vas: " + err.Error())
	}
	sealer, err := cipher.NewGCMWithNonceSize(block, nonceLength)
	if err != nil {
		panic("vas: " + err.Error())
	}
	return sealer
}

// derive is the KDF of ANSI X9.63 with SHA-256, of one block. Its shared info is that of
// NIST SP 800-56A §5.8.1.2: the algorithm behind its length, and the two parties.
func derive(shared []byte, passType string) [sha256.Size]byte {
	h := sha256.New()
	h.Write(shared)
	h.Write([]byte{0, 0, 0, 1})
	h.Write([]byte("\x0did-aes256-GCM"))
	h.Write([]byte("ApplePay encrypted VAS data"))
	party := sha256.Sum256([]byte(passType))
	h.Write(party[:])
	return [sha256.Size]byte(h.Sum(nil))
}
