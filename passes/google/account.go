package google

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/url"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2/google"
	oauth "golang.org/x/oauth2/jwt"
)

// Scope is the only one that we ask for: objects and classes of one issuer.
const Scope = "https://www.googleapis.com/auth/wallet_object.issuer"

// leastKey is the size in bits below which an RSA key protects nothing today
// (NIST SP 800-57 part 1, table 2).
const leastKey = 2048

// Account is a service account of Google's: whom we sign save links as, and whose
// tokens open the Wallet API.
type Account struct {
	Email string
	oauth oauth.Config
	key   *rsa.PrivateKey
}

// ReadAccount reads the JSON file that the Google Cloud console gives out for a
// service account. Errors say what is wrong with the file, and show nothing of it.
func ReadAccount(file []byte) (*Account, error) {
	config, err := google.JWTConfigFromJSON(file, Scope)
	if err != nil {
		return nil, errors.New("it is not the JSON file of a service account")
	}
	if config.Email == "" {
		return nil, errors.New("it names no client_email")
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(config.PrivateKey)
	if err != nil {
		return nil, errors.New("its private_key is not an RSA key in PEM")
	}
	if size := key.N.BitLen(); size < leastKey {
		return nil, fmt.Errorf("its private_key has %d bits, and needs %d", size, leastKey)
	}
	if to, err := url.Parse(config.TokenURL); err != nil || to.Host == "" {
		return nil, errors.New("its token_uri is not an address")
	}
	return &Account{Email: config.Email, oauth: *config, key: key}, nil
}
