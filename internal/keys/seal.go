package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrMaster is what Open answers when the stored keyring was sealed under
// another master key, or was damaged: the two cannot be told apart.
var ErrMaster = errors.New("the keyring does not open with this master key: " +
	"start with the master key that this database was set up with, or restore the keyring from a backup; " +
	"under another key no code, receipt or PIN made so far would be recognised")

// sealFormat is the first byte of a sealed ring.
const sealFormat = 1

// sealLabel and the format are authenticated with the ring, so that nothing else
// sealed under the same master key can be put in its place.
const sealLabel = "stempel keyring"

// seal keeps a ring secret and whole: format ‖ nonce ‖ AES-256-GCM (NIST SP
// 800-38D) of the document.
type seal struct{ aead cipher.AEAD }

func newSeal(master [32]byte) seal {
	block, err := aes.NewCipher(master[:])
	if err != nil {
		panic("keys: AES refuses a key of 32 bytes: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("keys: AES has no GCM: " + err.Error())
	}
	return seal{aead}
}

func (s seal) close(plain []byte) []byte {
	return s.aead.Seal([]byte{sealFormat}, nil, plain, additional(sealFormat))
}

// open undoes close. Errors: ErrMaster, or a format of a later release.
func (s seal) open(sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, ErrMaster
	}
	if sealed[0] != sealFormat {
		return nil, fmt.Errorf("the keyring has format %d, this release reads format %d", sealed[0], sealFormat)
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], additional(sealed[0]))
	if err != nil {
		return nil, ErrMaster
	}
	return plain, nil
}

func additional(format byte) []byte { return append([]byte(sealLabel), format) }
