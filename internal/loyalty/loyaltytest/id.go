package loyaltytest

import (
	"crypto/sha256"
	"encoding/binary"

	"stempel/internal/loyalty"
)

// ID is the id of that name: the same in every run, another for every name, and
// in the form of a UUIDv7.
func ID(name string) [16]byte {
	sum := sha256.Sum256([]byte(name))
	id := [16]byte(sum[:16])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// IDs is a source of fresh ids for Decide: the same ones in every run, rising.
func IDs(name string) func() [16]byte {
	id := ID(name)
	count := uint32(0)
	return func() [16]byte {
		count++
		binary.BigEndian.PutUint32(id[12:], count)
		return id
	}
}

// ScanID is the id of a nonce's scan at a till: at the same till the same one.
func ScanID(nonce loyalty.Nonce, till loyalty.TillID) loyalty.ScanID {
	sum := sha256.Sum256(append(nonce[:], till[:]...))
	return loyalty.ScanID(sum[:16])
}
