package apple

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
)

// wwdrG4PEM is the Apple Worldwide Developer Relations intermediate G4, which
// signs all certificates of passes since 2022. It is public: AppleWWDRCAG4.cer on
// www.apple.com/certificateauthority. SHA-256 EA475788…BCE14C, good until 10
// December 2030.
//
//go:embed wwdr-g4.pem
var wwdrG4PEM []byte

// WWDRG4 is Apple's intermediate certificate, which every pass brings along.
func WWDRG4() *x509.Certificate {
	block, _ := pem.Decode(wwdrG4PEM)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		panic("Apple's certificate, embedded: " + err.Error())
	}
	return certificate
}
