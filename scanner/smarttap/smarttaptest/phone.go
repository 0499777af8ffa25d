// Package smarttaptest stands in for Smart Tap readers and the Android phones before
// them. It was written from the description of the protocol: no session of a real
// phone was at hand whose keys are known.
package smarttaptest

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"slices"
)

// Reader is a merchant's reader.
type Reader struct {
	Collector uint32
	Key       *ecdsa.PrivateKey // long-lived
}

// NewReader makes a reader of a collector.
func NewReader(collector uint32) *Reader {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return &Reader{collector, key}
}

// PEM is the reader's public key as ParseKeys takes it.
func (r *Reader) PEM() string {
	der, err := x509.MarshalPKIXPublicKey(&r.Key.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// Parts are a session's fields. Whoever changes one gets a session with that one
// changed, and else as it was.
type Parts struct {
	TerminalNonce, MobileNonce, Collector, TerminalKey, MobileKey, Signature, Record []byte
}

// Bytes are the session without its prefix and encoding.
func (p *Parts) Bytes() []byte {
	return slices.Concat(p.TerminalNonce, p.MobileNonce, p.Collector, p.TerminalKey, p.MobileKey,
		[]byte{byte(len(p.Signature))}, p.Signature, p.Record)
}

// Text spells a session.
func Text(b []byte) string { return "gst1." + base64.RawURLEncoding.EncodeToString(b) }

// Tap is the session of one tap with a pass of this value.
func (r *Reader) Tap(value string) string { return Text(r.Session(Pass(value), false).Bytes()) }

// Session is one in which the phone answers with an NDEF message, packed or not.
func (r *Reader) Session(message []byte, packed bool) *Parts {
	terminal, mobile := ephemeral(), ephemeral()
	p := &Parts{
		TerminalNonce: random(32), MobileNonce: random(32), Collector: binary.BigEndian.AppendUint32(nil, r.Collector),
		TerminalKey: terminal.Bytes(), MobileKey: short(mobile.PublicKey()),
	}
	signed := slices.Concat(p.TerminalNonce, p.MobileNonce, p.Collector, short(terminal.PublicKey()))
	hash := sha256.Sum256(signed)
	var err error
	if p.Signature, err = ecdsa.SignASN1(rand.Reader, r.Key, hash[:]); err != nil {
		panic(err)
	}
	shared, err := mobile.ECDH(terminal.PublicKey())
	if err != nil {
		panic(err)
	}
	keys := expand(shared, p.MobileKey, slices.Concat(signed, p.Signature))
	p.Record = seal(keys[:16], keys[16:48], message, packed)
	return p
}

// expand is HKDF-SHA256 (RFC 5869) of two blocks, written out.
func expand(secret, salt, info []byte) []byte {
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, part := range parts {
			h.Write(part)
		}
		return h.Sum(nil)
	}
	key := mac(salt, secret)
	first := mac(key, info, []byte{1})
	return append(first, mac(key, first, info, []byte{2})...)
}

func seal(key, macKey, message []byte, packed bool) []byte {
	flag := byte(1)
	if packed {
		flag, message = 3, Pack(message)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	iv := random(12)
	sealed := append(slices.Clone(iv), message...)
	cipher.NewCTR(block, append(slices.Clone(iv), 0, 0, 0, 0)).XORKeyStream(sealed[12:], message)
	h := hmac.New(sha256.New, macKey)
	h.Write(sealed)
	return slices.Concat([]byte{flag}, sealed, h.Sum(nil))
}

// Pack is a zlib stream.
func Pack(b []byte) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	w.Write(b)
	w.Close()
	return packed.Bytes()
}

// Pass is the message of a phone that holds one loyalty pass.
func Pass(value string) []byte {
	return Message(Record("asv", Message(
		Record("i", []byte{4, 1, 2, 3, 4, 5}),
		Record("ly", Message(Record("oid", []byte{4, 1, 2, 3, 4, 5, 6, 7, 8}), Record("n", append([]byte{0}, value...)))),
	)))
}

// Record is an NDEF record of an external type, to stand in a Message.
func Record(kind string, payload []byte) []byte {
	if len(payload) < 256 {
		return slices.Concat([]byte{0x14, byte(len(kind)), byte(len(payload))}, []byte(kind), payload)
	}
	return slices.Concat([]byte{0x04, byte(len(kind))}, binary.BigEndian.AppendUint32(nil, uint32(len(payload))), []byte(kind), payload)
}

// TextRecord is a text in English, named by its id.
func TextRecord(name, text string) []byte {
	payload := append([]byte{2, 'e', 'n'}, text...)
	return slices.Concat([]byte{0x19, 1, byte(len(payload)), byte(len(name)), 'T'}, []byte(name), payload)
}

// Message marks the first record and the last.
func Message(records ...[]byte) []byte {
	records[0] = slices.Clone(records[0])
	records[0][0] |= 0x80
	last := len(records) - 1
	records[last] = slices.Clone(records[last])
	records[last][0] |= 0x40
	return slices.Concat(records...)
}

func ephemeral() *ecdh.PrivateKey {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

func short(public *ecdh.PublicKey) []byte {
	b := public.Bytes()
	return append([]byte{2 + b[64]%2}, b[1:33]...)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
