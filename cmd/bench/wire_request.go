package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// scanRequest is one till's request to scan and earn, as bytes to send. It is
// laid out once; for each scan only the Idempotency-Key and the credential are
// written over, so that the driver costs next to nothing beside what it drives.
type scanRequest struct {
	bytes      []byte
	key        []byte // windows into bytes
	credential []byte
	serial     [keyBytes]byte // of the key: random, then counted
}

const keyBytes = 16

// newScanRequest lays out the request of a till for credentials of one length.
func newScanRequest(host, token string, credentialLength int) *scanRequest {
	const before, after = `{"credential":"`, `","earn":{"units":1}}`
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
	return r.bytes, nil
}
