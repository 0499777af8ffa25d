package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// What a till earns with a scan. A purchase's lines are one piece, which is one stamp,
// and what is weighed and poured.
const (
	oneUnit    = `{"units":1}`
	oneTrolley = `{"purchase":{"ref":"` + refHere + `","total":1297,"currency":"EUR","items":[` +
		`{"sku":"5900000000015","category":"coffee","quantity":1000,"unit":"piece","amount":799},` +
		`{"sku":"5900000000022","category":"cheese","quantity":320,"unit":"kilogram","amount":349},` +
		`{"sku":"5900000000039","category":"milk","quantity":1000,"unit":"litre","amount":149}]}}`

	// refHere is where a receipt's number stands, which is the request's key: no two are the same.
	refHere = "................................"
)

// scanRequest is one till's request to scan and earn, as bytes to send. It is
// laid out once; for each scan only the Idempotency-Key, the credential and the
// receipt's number are written over, so that the driver costs next to nothing beside
// what it drives.
type scanRequest struct {
	bytes      []byte
	key        []byte // windows into bytes
	credential []byte
	ref        []byte         // empty where no purchase is told
	serial     [keyBytes]byte // of the key: random, then counted
}

const keyBytes = 16

// newScanRequest lays out the request of a till to earn by credentials of one length.
func newScanRequest(host, token string, credentialLength int, earn string) *scanRequest {
	before, after := `{"credential":"`, `","earn":`+earn+`}`
	r := &scanRequest{}
	r.bytes = fmt.Appendf(nil, "POST /v1/scans HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nIdempotency-Key: ",
		host, token, len(before)+credentialLength+len(after))
	keyAt := len(r.bytes)
	r.bytes = append(r.bytes, make([]byte, hex.EncodedLen(keyBytes))...)
	r.bytes = append(r.bytes, "\r\n\r\n"+before...)
	credentialAt := len(r.bytes)
	r.bytes = append(r.bytes, make([]byte, credentialLength)...)
	r.bytes = append(r.bytes, after...)

	r.key = r.bytes[keyAt:][:hex.EncodedLen(keyBytes)]
	r.credential = r.bytes[credentialAt:][:credentialLength]
	if _, ref, found := bytes.Cut(r.bytes, []byte(`"ref":"`)); found {
		r.ref = ref[:len(refHere)]
	}
	rand.Read(r.serial[:])
	return r
}

// with returns the request for a credential, under a key never used before. It
// is good until the next call.
func (r *scanRequest) with(credential string) ([]byte, error) {
	if copy(r.credential, credential) != len(r.credential) || len(credential) != len(r.credential) {
		return nil, fmt.Errorf("a credential of %d characters does not fit a request laid out for %d", len(credential), len(r.credential))
	}
	counter := r.serial[keyBytes-8:]
	binary.BigEndian.PutUint64(counter, binary.BigEndian.Uint64(counter)+1)
	hex.Encode(r.key, r.serial[:])
	copy(r.ref, r.key)
	return r.bytes, nil
}
