package main

import (
	"net/http"
	"strings"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/passes/google"
)

// googleSettings is what Google Wallet needs.
type googleSettings struct {
	GoogleIssuer   string `long:"google-issuer" env:"STEMPEL_GOOGLE_ISSUER" value-name:"ID" description:"Issuer id of Google Wallet, a number. Without it there are no passes in Google Wallet."`
	GoogleAccount  string `long:"google-account" env:"STEMPEL_GOOGLE_ACCOUNT" value-name:"JSON" description:"Service account that may write the issuer's passes: what is in its JSON key file."`
	GoogleRate     number `long:"google-rate" default:"20" env:"STEMPEL_GOOGLE_RATE" value-name:"N" description:"Requests a second to Google (by default the most it takes). Processes share it through Redis; without Redis, give each its part."`
	GoogleEndpoint string `long:"google-endpoint" env:"STEMPEL_GOOGLE_ENDPOINT" value-name:"URL" description:"Stands in for Google's Wallet API and, with /keys, for the page of its root keys: for tests."`
}

// leastGoogleRate leaves a request a second beside what is let through at once.
const leastGoogleRate = 3

func (g *googleSettings) check(wrong *problems, publicURL string) {
	g.GoogleRate.check(wrong, "STEMPEL_GOOGLE_RATE", leastGoogleRate, google.MaxRate)
	if g.GoogleEndpoint != "" {
		if err := checkEndpoint(g.GoogleEndpoint); err != nil {
			wrong.add("STEMPEL_GOOGLE_ENDPOINT", "%v", err)
		}
	}
	if g.GoogleIssuer == "" && g.GoogleAccount == "" {
		return
	}
	if !google.Issuer(g.GoogleIssuer).Valid() {
		wrong.add("STEMPEL_GOOGLE_ISSUER", "must be a number of up to 20 digits, as the Google Pay & Wallet Console shows it")
	}
	if _, err := google.ReadAccount([]byte(g.GoogleAccount)); err != nil {
		wrong.add("STEMPEL_GOOGLE_ACCOUNT", "cannot be used: %v", err)
	}
	if publicURL == "" {
		wrong.add("STEMPEL_PUBLIC_URL", "is needed with STEMPEL_GOOGLE_ISSUER: Google fetches pictures from there")
	}
}

// openGoogle makes what shows cards in Google Wallet; nil where it is not set up.
func (s *server) openGoogle(w *wallets, rotating *credential.Rotating, pictures *credential.Pictures) (*google.Wallet, api.GoogleWallet, error) {
	if w.GoogleIssuer == "" {
		return nil, nil, nil
	}
	account, err := google.ReadAccount([]byte(w.GoogleAccount))
	if err != nil {
		return nil, nil, err
	}
	client, base, rootKeys := &http.Client{Timeout: googlePatience}, w.publicURL(), google.RootKeysURL
	if w.GoogleEndpoint != "" {
		rootKeys = strings.TrimSuffix(w.GoogleEndpoint, "/") + "/keys"
	}
	wallet := google.New(google.Config{
		Issuer: google.Issuer(w.GoogleIssuer), Account: account, Endpoint: w.GoogleEndpoint, HTTP: client,
		Callback: base + "/passes/google/callbacks", Origins: []string{base},
		Limits: s.guard, Rate: w.GoogleRate.value,
		Images:   api.PictureLinks{Base: base, Pictures: pictures, Now: time.Now},
		Barcodes: api.GoogleCodes{Store: s.store, Rotating: rotating, Now: time.Now},
		Store:    s.store, Now: time.Now,
	})
	return wallet, struct {
		*google.Wallet
		*google.Callbacks
	}{wallet, &google.Callbacks{
		Issuer: google.Issuer(w.GoogleIssuer), Now: time.Now,
		Keys: &google.RootKeys{URL: rootKeys, HTTP: client, Now: time.Now},
	}}, nil
}

// googlePatience is how long Google may take for its root keys.
const googlePatience = 10 * time.Second

// addGoogle adds to the API's configuration what Google Wallet is made of.
func (s *server) addGoogle(c *api.Config, w *wallets) (err error) {
	c.Faces = s.faces()
	c.Studio = s.studio
	c.Pictures = credential.NewPictures(s.ring.MACs(keys.Pass))
	c.GoogleMissing = "STEMPEL_GOOGLE_ISSUER"
	s.google, c.Google, err = s.openGoogle(w, c.Rotating, c.Pictures)
	return err
}
