package apple

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Identity is who signs passes: a certificate for one pass type of one team, its
// key, and Apple's intermediate certificate. The same key opens the connection
// that updates are pushed over.
type Identity struct {
	Type    string // the pass type's identifier, as pass.com.example.loyalty
	Team    string // ten characters
	Expires time.Time
	Test    bool // signed by a chain of our own: no iPhone takes it

	leaf         *x509.Certificate
	intermediate *x509.Certificate
	key          *rsa.PrivateKey
}

var (
	typePattern = regexp.MustCompile(`^pass\.[A-Za-z0-9.-]{1,120}$`)
	teamPattern = regexp.MustCompile(`^[A-Z0-9]{10}$`)
	oidUserID   = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1} // RFC 4519 §2.39
)

const leastKey = 2048 // bits

// ParseIdentity reads a certificate with its key, as PEM or as the PKCS #12 file
// (.p12) that the Keychain exports. The type and team are those that the operator
// believes in. now is held against the certificate's time.
//
// Errors are for the operator, and show nothing of what was read but public
// parts of the certificate.
func ParseIdentity(file []byte, password, passType, team string, now time.Time) (*Identity, error) {
	return parseIdentity(file, password, passType, team, WWDRG4(), now)
}

func parseIdentity(file []byte, password, passType, team string, intermediate *x509.Certificate, now time.Time) (*Identity, error) {
	id := &Identity{Type: passType, Team: team, intermediate: intermediate}
	var err error
	if bytes.Contains(file, []byte("-----BEGIN ")) {
		id.leaf, id.key, err = parsePEM(file)
	} else {
		id.leaf, id.key, err = parseP12(file, password)
	}
	if err != nil {
		return nil, err
	}
	id.Expires = id.leaf.NotAfter
	if err := id.check(now); err != nil {
		return nil, err
	}
	return id, nil
}

// check holds the parts of an identity against each other. All that is wrong is
// told at once.
func (id *Identity) check(now time.Time) error {
	var wrong []error
	add := func(format string, values ...any) { wrong = append(wrong, fmt.Errorf(format, values...)) }
	if !typePattern.MatchString(id.Type) {
		add("the pass type %q must look like pass.com.example.loyalty", id.Type)
	}
	if !teamPattern.MatchString(id.Team) {
		add("the team %q must be ten capital letters and digits", id.Team)
	}
	if of := attribute(&id.leaf.Subject, oidUserID); of != id.Type {
		add("the certificate is for the pass type %q, not %q", of, id.Type)
	}
	if name := id.leaf.Subject.CommonName; name != "Pass Type ID: "+id.Type && name != "Pass Type ID with NFC: "+id.Type {
		add("the certificate is named %q, not \"Pass Type ID: %s\": it is no certificate for passes", name, id.Type)
	}
	if of := id.leaf.Subject.OrganizationalUnit; !slices.Equal(of, []string{id.Team}) {
		add("the certificate is of the team %q, not %q", strings.Join(of, " "), id.Team)
	}
	switch {
	case now.After(id.leaf.NotAfter):
		add("the certificate expired on %s: make a new one in Apple's developer portal", id.leaf.NotAfter.Format(time.DateOnly))
	case now.Before(id.leaf.NotBefore):
		add("the certificate is good from %s only", id.leaf.NotBefore.Format(time.DateOnly))
	case now.After(id.intermediate.NotAfter):
		add("Apple's intermediate certificate in this program expired on %s: a newer version of Stempel is needed", id.intermediate.NotAfter.Format(time.DateOnly))
	}
	if err := id.leaf.CheckSignatureFrom(id.intermediate); err != nil {
		add("the certificate was not signed by %s %s: %w", id.intermediate.Subject.CommonName, strings.Join(id.intermediate.Subject.OrganizationalUnit, " "), err)
	}
	if public, ok := id.leaf.PublicKey.(*rsa.PublicKey); !ok || !public.Equal(id.key.Public()) {
		add("the key is not that of the certificate")
	}
	if id.key.N.BitLen() < leastKey {
		add("the key has %d bits: at least %d are wanted", id.key.N.BitLen(), leastKey)
	}
	return errors.Join(wrong...)
}

// CanNFC reports whether Apple lets this pass type carry an nfc dictionary.
func (id *Identity) CanNFC() bool {
	return id.Test || strings.HasPrefix(id.leaf.Subject.CommonName, "Pass Type ID with NFC: ")
}

func attribute(of *pkix.Name, wanted asn1.ObjectIdentifier) string {
	for _, name := range of.Names {
		if name.Type.Equal(wanted) {
			text, _ := name.Value.(string)
			return text
		}
	}
	return ""
}

// parsePEM reads the first certificate and the first key that a text holds.
func parsePEM(text []byte) (leaf *x509.Certificate, key *rsa.PrivateKey, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "CERTIFICATE" && leaf == nil:
			leaf, err = x509.ParseCertificate(block.Bytes)
		case block.Type == "RSA PRIVATE KEY" && key == nil:
			if block.Headers["DEK-Info"] != "" {
				return nil, nil, errLockedKey
			}
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case block.Type == "PRIVATE KEY" && key == nil:
			key, err = parsePKCS8(block.Bytes)
		case block.Type == "ENCRYPTED PRIVATE KEY":
			return nil, nil, errLockedKey
		}
		if err != nil {
			return nil, nil, fmt.Errorf("a %s in the PEM cannot be read: %w", strings.ToLower(block.Type), err)
		}
	}
	switch {
	case leaf == nil:
		return nil, nil, errors.New("the PEM holds no certificate")
	case key == nil:
		return nil, nil, errors.New("the PEM holds no private key")
	}
	return leaf, key, nil
}

var errLockedKey = errors.New("the key in the PEM is locked with a password: give the .p12 file with its password, or unlock it (openssl pkey)")

func parsePKCS8(der []byte) (*rsa.PrivateKey, error) {
	any, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	return asRSA(any)
}

func asRSA(any any) (*rsa.PrivateKey, error) {
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is not an RSA key, as those of passes are")
	}
	return key, nil
}

// parseP12 reads what the Keychain exports, which may hold Apple's certificates
// beside the pass type's.
func parseP12(file []byte, password string) (*x509.Certificate, *rsa.PrivateKey, error) {
	private, leaf, _, err := pkcs12.DecodeChain(file, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, nil, errors.New("the password does not open the .p12 file")
	case err != nil:
		return nil, nil, fmt.Errorf("it is neither PEM nor a .p12 file that can be read: %w", err)
	}
	key, err := asRSA(private)
	return leaf, key, err
}
