package apple

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"time"
)

// What passes say that no certificate of Apple's has signed.
const (
	TestType = "pass.test.stempel"
	TestTeam = "TESTTEAM00"

	testNotice = "TEST – not signed by Apple"
	testLife   = 10 * 365 * 24 * time.Hour
)

// NewTestChain makes a chain like Apple's, root, intermediate and a certificate
// for passes with its key, all of them for trying things out. It is PEM, in the
// order leaf, its key, intermediate, root, to be kept and read by ParseTestChain:
// a pass's signer should not change with every start.
func NewTestChain(now time.Time) ([]byte, error) {
	root, rootKey, err := newTestCertificate(pkix.Name{CommonName: "Stempel Test Root CA", Organization: []string{testNotice}}, nil, nil, now)
	if err != nil {
		return nil, err
	}
	intermediate, intermediateKey, err := newTestCertificate(pkix.Name{
		CommonName: "Stempel Test Developer Relations", OrganizationalUnit: []string{"G4"}, Organization: []string{testNotice},
	}, root, rootKey, now)
	if err != nil {
		return nil, err
	}
	leaf, leafKey, err := newTestCertificate(pkix.Name{
		CommonName: "Pass Type ID: " + TestType, OrganizationalUnit: []string{TestTeam}, Organization: []string{testNotice},
		ExtraNames: []pkix.AttributeTypeAndValue{{Type: oidUserID, Value: TestType}},
	}, intermediate, intermediateKey, now)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, block := range []*pem.Block{
		{Type: "CERTIFICATE", Bytes: leaf.Raw},
		{Type: "PRIVATE KEY", Bytes: key},
		{Type: "CERTIFICATE", Bytes: intermediate.Raw},
		{Type: "CERTIFICATE", Bytes: root.Raw},
	} {
		text = append(text, pem.EncodeToMemory(block)...)
	}
	return text, nil
}

// newTestCertificate makes a certificate under another, or a root. Only the leaf,
// with its pass type, is no authority, and has an RSA key, as Apple's: the others'
// keys are made faster.
func newTestCertificate(name pkix.Name, parent *x509.Certificate, parentKey crypto.Signer, now time.Time) (*x509.Certificate, crypto.Signer, error) {
	isLeaf := len(name.ExtraNames) > 0
	var key crypto.Signer
	var err error
	if isLeaf {
		key, err = rsa.GenerateKey(rand.Reader, leastKey)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: name, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(testLife),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if isLeaf {
		template.IsCA, template.KeyUsage = false, x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return certificate, key, err
}

// ParseTestChain reads what NewTestChain made.
func ParseTestChain(text []byte, now time.Time) (*Identity, error) {
	leaf, key, err := parsePEM(text)
	if err != nil {
		return nil, err
	}
	id := &Identity{Type: TestType, Team: TestTeam, Expires: leaf.NotAfter, Test: true, leaf: leaf, key: key}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if leaf.CheckSignatureFrom(certificate) == nil {
			id.intermediate = certificate
		}
	}
	if id.intermediate == nil {
		return nil, errors.New("the test chain lacks its intermediate certificate")
	}
	if err := id.check(now); err != nil {
		return nil, err
	}
	return id, nil
}
