package apple

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

// cms makes detached signatures (RFC 5652 §5) with the signed attributes that
// Apple asks for. All of a signature but the time, the digest and the last bytes
// is the same for every pass: it is encoded once, and its holes are filled.
type cms struct {
	key        *rsa.PrivateKey
	whole      []byte // of a signature, with nothing in its holes
	attributes int    // where the signed attributes begin; they end at tail
	tail       int
	signature  int // where the last bytes begin
}

// DER's tags, as far as signatures need them.
const (
	derInteger   = 0x02
	derOctets    = 0x04
	derNull      = 0x05
	derOID       = 0x06
	derUTCTime   = 0x17
	derSequence  = 0x30
	derSet       = 0x31
	derContext0  = 0xa0 // constructed
	utcTime      = "060102150405Z"
	emptyUTCTime = "000000000000Z"
)

var (
	oidData          = oid(1, 2, 840, 113549, 1, 7, 1)
	oidSignedData    = oid(1, 2, 840, 113549, 1, 7, 2)
	oidContentType   = oid(1, 2, 840, 113549, 1, 9, 3)
	oidMessageDigest = oid(1, 2, 840, 113549, 1, 9, 4)
	oidSigningTime   = oid(1, 2, 840, 113549, 1, 9, 5)
	algorithmSHA256  = der(derSequence, oid(2, 16, 840, 1, 101, 3, 4, 2, 1), der(derNull))
	algorithmRSA     = der(derSequence, oid(1, 2, 840, 113549, 1, 1, 1), der(derNull))
)

// newCMS encodes what all signatures of an identity have in common.
func newCMS(id *Identity) *cms {
	// In DER the elements of a set are sorted by their bytes, which for these
	// three is by length.
	attributes := der(derSet,
		der(derSequence, oidContentType, der(derSet, oidData)),
		der(derSequence, oidSigningTime, der(derSet, der(derUTCTime, []byte(emptyUTCTime)))),
		der(derSequence, oidMessageDigest, der(derSet, der(derOctets, make([]byte, sha256.Size)))),
	)
	signature := der(derOctets, make([]byte, id.key.Size()))
	signer := der(derSequence,
		number(big.NewInt(1)),
		der(derSequence, id.leaf.RawIssuer, number(id.leaf.SerialNumber)),
		algorithmSHA256, attributes, algorithmRSA, signature,
	)
	whole := der(derSequence, oidSignedData, der(derContext0, der(derSequence,
		number(big.NewInt(1)),
		der(derSet, algorithmSHA256),
		der(derSequence, oidData), // detached: the content is the manifest beside it
		der(derContext0, id.leaf.Raw, id.intermediate.Raw),
		der(derSet, signer),
	)))
	tail := len(whole) - len(signature) - len(algorithmRSA)
	return &cms{
		key: id.key, whole: whole,
		attributes: tail - len(attributes), tail: tail, signature: len(whole) - id.key.Size(),
	}
}

// sign signs what stands beside the signature, as of a time that is kept to the
// second.
func (c *cms) sign(content []byte, at time.Time) ([]byte, error) {
	signed := slices.Clone(c.whole)
	attributes := signed[c.attributes:c.tail]
	digest := sha256.Sum256(content)
	copy(attributes[len(attributes)-len(digest):], digest[:])
	signingTime := attributes[:len(attributes)-len(digest)-attributeHead]
	copy(signingTime[len(signingTime)-len(utcTime):], at.UTC().AppendFormat(nil, utcTime))

	hashed := sha256.Sum256(attributes) // as a set, RFC 5652 §5.4
	signature, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, hashed[:])
	if err != nil {
		return nil, err
	}
	attributes[0] = derContext0 // in the signature they are [0] IMPLICIT
	copy(signed[c.signature:], signature)
	return signed, nil
}

// attributeHead is how much of the digest's attribute stands before the digest.
var attributeHead = len(der(derSequence, oidMessageDigest, der(derSet, der(derOctets))))

// der encodes a value of definite length (X.690 §8.1).
func der(tag byte, parts ...[]byte) []byte {
	content := slices.Concat(parts...)
	encoded := []byte{tag}
	switch n := len(content); {
	case n < 0x80:
		encoded = append(encoded, byte(n))
	case n < 0x100:
		encoded = append(encoded, 0x81, byte(n))
	case n < 0x10000:
		encoded = append(encoded, 0x82, byte(n>>8), byte(n))
	default:
		encoded = append(encoded, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(encoded, content...)
}

func oid(arcs ...int) []byte {
	encoded, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // never: the arcs stand in this file
	}
	return encoded
}

func number(n *big.Int) []byte {
	encoded, err := asn1.Marshal(n)
	if err != nil {
		panic(err) // never: every whole number can be encoded
	}
	return encoded
}
