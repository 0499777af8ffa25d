package ntag

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"
)

// piccTag says that the encrypted data hold a UID, of 7 bytes, and a counter
// (AN12196 §4.4.2: bits 7, 6 and 2 to 0). We set chips up like that.
const piccTag = 0xc7

// Open says which tap a message claims to be; meta is the key of the encrypted
// mirror, and of no interest to a plain one. It is false where another key has
// encrypted: also where it is true, nothing is proven before Genuine.
func (m *Message) Open(meta *Key) (Tap, bool) {
	if !m.encrypted {
		return m.plain, true
	}
	var plain [piccLength]byte
	meta.cipher().Decrypt(plain[:], m.picc[:]) // CBC of one block, from a zero vector
	t := Tap{UID: [uidLength]byte(plain[1:8])}
	for i := range ctrLength { // least significant byte first
		t.Counter |= uint32(plain[8+i]) << (8 * i)
	}
	return t, plain[0] == piccTag
}

// Genuine reports, in constant time, whether the chip with a file key has made the
// message at a tap.
func (m *Message) Genuine(t Tap, file *Key) bool {
	input := ""
	if m.file != "" {
		input = m.file + "&cmac=" // exactly as mirrored, up to where the MAC begins
	}
	made := MAC(file, t, input)
	return subtle.ConstantTimeCompare(made[:], m.mac[:]) == 1
}

// MAC is what a chip with a file key signs an input with at a tap: SDMMAC, every
// other byte of AES-CMAC under the key of that tap (AN12196 §4.4.4).
func MAC(file *Key, t Tap, input string) (odd [macLength]byte) {
	session := sessionKey(file, macVector, t)
	made := cmac(&session, []byte(input))
	for i := range odd {
		odd[i] = made[2*i+1]
	}
	return odd
}

// File decrypts the file data that a genuine message of a tap mirrors; nil where it
// mirrors none.
func (m *Message) File(t Tap, file *Key) []byte {
	if m.file == "" {
		return nil
	}
	data, err := hex.DecodeString(m.file)
	if err != nil {
		panic("ntag: Parse let through what is no hex: " + err.Error())
	}
	session := sessionKey(file, fileVector, t)
	block := session.cipher()
	var iv [aes.BlockSize]byte
	t.appendCounter(iv[:0])
	block.Encrypt(iv[:], iv[:])
	cipher.NewCBCDecrypter(block, iv[:]).CryptBlocks(data, data)
	return data
}

// What session vectors begin with: SV1 and SV2 of AN12196 §4.4.
var (
	fileVector = [6]byte{0xc3, 0x3c, 0x00, 0x01, 0x00, 0x80}
	macVector  = [6]byte{0x3c, 0xc3, 0x00, 0x01, 0x00, 0x80}
)

// sessionKey is the key of one tap.
func sessionKey(file *Key, purpose [6]byte, t Tap) Key {
	vector := make([]byte, 0, aes.BlockSize)
	vector = append(vector, purpose[:]...)
	vector = append(vector, t.UID[:]...)
	return cmac(file, t.appendCounter(vector))
}

// appendCounter writes the counter as the chip calculates with it: least
// significant byte first.
func (t Tap) appendCounter(b []byte) []byte {
	return append(b, byte(t.Counter), byte(t.Counter>>8), byte(t.Counter>>16))
}
