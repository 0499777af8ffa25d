package apple

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Apple's certificate is the one whose fingerprint Apple publishes.
func TestWWDRG4(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(WWDRG4().Raw)
	if got := hex.EncodeToString(sum[:]); got != "ea4757885538dd8cb59ff4556f676087d83c85e70902c122e42c0808b5bce14c" {
		t.Error(got)
	}
}

func asPEM(t *testing.T, certificate *x509.Certificate, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
}

// An operator's certificate is read in both forms, and what is wrong with it is
// told so that a person can act on it.
func TestParseIdentity(t *testing.T) {
	t.Parallel()
	const passType, team = "pass.com.example.loyalty", "ABCDE12345"
	authority, authorityKey, err := newTestCertificate(pkix.Name{CommonName: "WWDR"}, nil, nil, testTime)
	if err != nil {
		t.Fatal(err)
	}
	name := func(uid string) pkix.Name {
		return pkix.Name{
			CommonName: "Pass Type ID: " + passType, OrganizationalUnit: []string{team},
			ExtraNames: []pkix.AttributeTypeAndValue{{Type: oidUserID, Value: uid}},
		}
	}
	leaf, key, err := newTestCertificate(name(passType), authority, authorityKey, testTime)
	if err != nil {
		t.Fatal(err)
	}
	unnamed := name(passType)
	unnamed.CommonName = "Apple Development: somebody"
	other, otherKey, err := newTestCertificate(unnamed, authority, authorityKey, testTime)
	if err != nil {
		t.Fatal(err)
	}
	curved, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p12, err := pkcs12.Modern.Encode(key, leaf, []*x509.Certificate{authority}, "opens it")
	if err != nil {
		t.Fatal(err)
	}
	whole := asPEM(t, leaf, key)
	for what, tt := range map[string]struct {
		file           []byte
		password       string
		passType, team string
		apple          *x509.Certificate
		at             time.Time
		problem        string
	}{
		"PEM":              {whole, "", passType, team, authority, testTime, ""},
		"p12":              {p12, "opens it", passType, team, authority, testTime, ""},
		"wrong password":   {p12, "opens it not", passType, team, authority, testTime, "the password does not open"},
		"other type":       {whole, "", "pass.com.example.other", team, authority, testTime, `the certificate is for the pass type "pass.com.example.loyalty", not "pass.com.example.other"`},
		"other team":       {whole, "", passType, "ZZZZZ12345", authority, testTime, `of the team "ABCDE12345", not "ZZZZZ12345"`},
		"no type":          {whole, "", "loyalty", team, authority, testTime, "must look like pass.com.example.loyalty"},
		"no team":          {whole, "", passType, "", authority, testTime, "must be ten capital letters and digits"},
		"expired":          {whole, "", passType, team, authority, leaf.NotAfter.Add(time.Second), "expired on 2036-02-28"},
		"not yet":          {whole, "", passType, team, authority, testTime.Add(-24 * time.Hour), "is good from 2026-03-02 only"},
		"not Apple's":      {whole, "", passType, team, WWDRG4(), testTime, "was not signed by Apple Worldwide Developer Relations Certification Authority G4"},
		"another's key":    {asPEM(t, leaf, otherKey), "", passType, team, authority, testTime, "the key is not that of the certificate"},
		"not for passes":   {asPEM(t, other, otherKey), "", passType, team, authority, testTime, `named "Apple Development: somebody"`},
		"elliptic key":     {asPEM(t, leaf, curved), "", passType, team, authority, testTime, "not an RSA key"},
		"certificate only": {whole[:strings.Index(string(whole), "-----BEGIN PRIVATE")], "", passType, team, authority, testTime, "no private key"},
		"key only":         {whole[strings.Index(string(whole), "-----BEGIN PRIVATE"):], "", passType, team, authority, testTime, "no certificate"},
		"locked key":       {append([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"), whole...), "", passType, team, authority, testTime, "locked with a password"},
		"garbage":          {[]byte("garbage"), "", passType, team, authority, testTime, "neither PEM nor a .p12 file"},
		"nothing":          {nil, "", passType, team, authority, testTime, "neither PEM nor a .p12 file"},
	} {
		t.Run(what, func(t *testing.T) {
			id, err := parseIdentity(tt.file, tt.password, tt.passType, tt.team, tt.apple, tt.at)
			switch {
			case tt.problem == "" && (err != nil || !id.key.Equal(key) || !id.Expires.Equal(leaf.NotAfter) || id.Test || id.CanNFC()):
				t.Errorf("%+v, %v", id, err)
			case tt.problem != "" && (err == nil || id != nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("%v", err)
			}
		})
	}
}

// A test chain is what it was after a restart, and says that it is one.
func TestTestChain(t *testing.T) {
	t.Parallel()
	first, again := testIdentity(t), testIdentity(t)
	if !first.Test || !first.leaf.Equal(again.leaf) || !first.key.Equal(again.key) || first.Type != TestType {
		t.Errorf("%+v, %+v", first, again)
	}
	if _, err := ParseTestChain(chain()[:len(chain())/2], testTime); err == nil {
		t.Error("half a chain is one")
	}
	if _, err := ParseTestChain(chain(), testTime.Add(testLife+time.Second)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an old chain: %v", err)
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add(chain(), "")
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"), "x")
	f.Fuzz(func(t *testing.T, file []byte, password string) {
		if id, err := ParseIdentity(file, password, TestType, TestTeam, testTime); err == nil {
			t.Errorf("Apple has signed %+v", id)
		}
	})
}
