package apple

import (
	"crypto/ecdh"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/base64"
	"errors"
)

// CheckNFCKey holds that a text is what a pass's nfc dictionary has as
// encryptionPublicKey: standard Base64 of an X.509 SubjectPublicKeyInfo of a P-256
// key, whose point is compressed (Apple's page "Pass.NFC").
func CheckNFCKey(text string) error {
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return errors.New("it is not Base64")
	}
	var info struct {
		Algorithm struct{ Kind, Curve asn1.ObjectIdentifier }
		Point     asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &info)
	if err != nil || len(rest) > 0 || !info.Algorithm.Kind.Equal(oidECKey) || !info.Algorithm.Curve.Equal(oidP256) {
		return errors.New("it is not the public key (SubjectPublicKeyInfo) of a P-256 key pair")
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), info.Point.RightAlign())
	if x == nil {
		return errors.New("its point is not compressed (openssl ec -pubout -conv_form compressed -outform DER)")
	}
	point := append([]byte{4}, x.FillBytes(make([]byte, 32))...)
	_, err = ecdh.P256().NewPublicKey(append(point, y.FillBytes(make([]byte, 32))...))
	return err
}

var (
	oidECKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidP256  = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
)
