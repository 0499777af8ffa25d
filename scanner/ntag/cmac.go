package ntag

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// Key is an AES-128 key of a chip.
type Key [16]byte

func (k *Key) cipher() cipher.Block {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("ntag: AES takes no 16 bytes: " + err.Error())
	}
	return block
}

// cmac is AES-CMAC (RFC 4493, NIST SP 800-38B).
func cmac(key *Key, message []byte) (mac [aes.BlockSize]byte) {
	block := key.cipher()
	var last [aes.BlockSize]byte
	block.Encrypt(last[:], last[:])
	double(&last) // K1
	for len(message) > aes.BlockSize {
		subtle.XORBytes(mac[:], mac[:], message[:aes.BlockSize])
		block.Encrypt(mac[:], mac[:])
		message = message[aes.BlockSize:]
	}
	if len(message) < aes.BlockSize {
		double(&last) // K2
		last[len(message)] ^= 0x80
	}
	subtle.XORBytes(last[:], last[:], message)
	subtle.XORBytes(mac[:], mac[:], last[:])
	block.Encrypt(mac[:], mac[:])
	return mac
}

// double multiplies by x in GF(2^128), in the same time for all.
func double(b *[aes.BlockSize]byte) {
	carry := byte(0)
	for i := len(b) - 1; i >= 0; i-- {
		next := b[i] >> 7
		b[i] = b[i]<<1 | carry
		carry = next
	}
	b[len(b)-1] ^= 0x87 & -carry
}
