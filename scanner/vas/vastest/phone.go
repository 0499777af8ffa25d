// Package vastest stands in for iPhones that hold a pass.
package vastest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"time"
)

// SPKI is a reader's public key as passes have it: its point is compressed.
func SPKI(key *ecdh.PrivateKey) []byte {
	public := key.PublicKey().Bytes()
	head, _ := hex.DecodeString("3039301306072a8648ce3d020106082a8648ce3d030107032200")
	return slices.Concat(head, []byte{2 + public[64]%2}, public[1:33])
}

// Phone answers readers that have the key of its pass.
type Phone struct {
	Reader   *ecdh.PublicKey
	PassType string
	Message  string
}

// NewReader makes the key of a reader.
func NewReader() *ecdh.PrivateKey {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// PEM is a reader's private key as ParseKeys takes it.
func PEM(key *ecdh.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// Tap is the cryptogram of one tap, in hex.
func (p *Phone) Tap(at time.Time) string { return hex.EncodeToString(p.Answer(at)) }

// Answer is the cryptogram of one tap: for each another one, also within a second.
func (p *Phone) Answer(at time.Time) []byte {
	device := NewReader()
	shared, err := device.ECDH(p.Reader)
	if err != nil {
		panic(err)
	}
	plain := binary.BigEndian.AppendUint32(nil, uint32(at.Unix()-978307200)) // of 2001-01-01
	plain = append(plain, p.Message...)

	party := sha256.Sum256([]byte(p.PassType))
	key := sha256.Sum256(slices.Concat(shared, []byte{0, 0, 0, 1, 13}, []byte("id-aes256-GCMApplePay encrypted VAS data"), party[:]))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, 16)
	if err != nil {
		panic(err)
	}
	x := p.Reader.Bytes()[1:33]
	id := sha256.Sum256(x)
	return slices.Concat(id[:4], device.PublicKey().Bytes()[1:33], gcm.Seal(nil, make([]byte, 16), plain, nil))
}
