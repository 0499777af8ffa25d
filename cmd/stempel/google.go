package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/jobs"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/google"
)

// googleSettings is what Google Wallet needs.
type googleSettings struct {
	GoogleIssuer            string `long:"google-issuer" env:"STEMPEL_GOOGLE_ISSUER" value-name:"ID" description:"Issuer id of Google Wallet, a number. Without it there are no passes in Google Wallet."`
	GoogleAccount           string `long:"google-account" env:"STEMPEL_GOOGLE_ACCOUNT" value-name:"JSON" description:"Service account that may write the issuer's passes: what is in its JSON key file."`
	GoogleRate              number `long:"google-rate" default:"20" env:"STEMPEL_GOOGLE_RATE" value-name:"N" description:"Requests a second to Google (by default the most it takes). Processes share it through Redis; without Redis, give each its part."`
	GoogleRedemptionIssuers string `long:"google-redemption-issuers" env:"STEMPEL_GOOGLE_REDEMPTION_ISSUERS" value-name:"ID,…" description:"Redemption issuers whose NFC readers take passes over Smart Tap, at most 20. Without any, passes have no Smart Tap."`
	GoogleEndpoint          string `long:"google-endpoint" env:"STEMPEL_GOOGLE_ENDPOINT" value-name:"URL" description:"Stands in for Google's Wallet API and, with /keys, for the page of its root keys: for tests."`
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
	if _, err := redemptionIssuers(g.GoogleRedemptionIssuers); err != nil {
		wrong.add("STEMPEL_GOOGLE_REDEMPTION_ISSUERS", "%v", err)
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

// maxReaders is how many redemption issuers a class has (LoyaltyClass.redemptionIssuers).
const maxReaders = 20

// redemptionIssuers reads a list of issuers' numbers, parted by commas.
func redemptionIssuers(list string) (issuers []int64, err error) {
	if list == "" {
		return nil, nil
	}
	for number := range strings.SplitSeq(list, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err != nil || id <= 0 {
			return nil, fmt.Errorf("%q is not the number of an issuer, as the Google Pay & Wallet Console shows it", number)
		}
		issuers = append(issuers, id)
	}
	if len(issuers) > maxReaders {
		return nil, fmt.Errorf("has %d issuers, and may have %d", len(issuers), maxReaders)
	}
	return issuers, nil
}

// openGoogle makes what shows cards in Google Wallet; nil where it is not set up.
func (s *server) openGoogle(w *wallets, pictures *credential.Pictures) (*google.Wallet, api.GoogleWallet, error) {
	if w.GoogleIssuer == "" {
		return nil, nil, nil
	}
	account, err := google.ReadAccount([]byte(w.GoogleAccount))
	if err != nil {
		return nil, nil, err
	}
	readers, err := redemptionIssuers(w.GoogleRedemptionIssuers)
	if err != nil {
		return nil, nil, err
	}
	client, base, rootKeys := &http.Client{Timeout: googlePatience}, w.publicURL(), google.RootKeysURL
	if w.GoogleEndpoint != "" {
		rootKeys = strings.TrimSuffix(w.GoogleEndpoint, "/") + "/keys"
	}
	wallet := google.New(google.Config{
		Issuer: google.Issuer(w.GoogleIssuer), Account: account, Endpoint: w.GoogleEndpoint, HTTP: client,
		Callback: base + "/passes/google/callbacks", Origins: []string{base}, Readers: readers,
		Limits: s.guard, Rate: w.GoogleRate.value,
		Images:   api.PictureLinks{Base: base, Pictures: pictures, Now: time.Now},
		Barcodes: s.passCodes().Google,
		Store:    s.store, Now: time.Now,
	})
	return wallet, followedLinks{wallet, &google.Callbacks{
		Issuer: google.Issuer(w.GoogleIssuer), Now: time.Now,
		Keys: &google.RootKeys{URL: rootKeys, HTTP: client, Now: time.Now},
	}, s.addJobs}, nil
}

// followedLinks has every pass updated once more behind its link: what was read for the
// link may have changed before it was sent.
type followedLinks struct {
	*google.Wallet
	*google.Callbacks
	add func(context.Context, ...jobs.Job) error
}

// Link implements api.GoogleWallet.
func (l followedLinks) Link(ctx context.Context, pass *loyalty.Pass, f *passes.Face) (string, error) {
	link, err := l.Wallet.Link(ctx, pass, f)
	if err == nil {
		err = l.add(ctx, jobs.Job{Kind: googleJob, Args: update{Pass: pass.ID}})
	}
	return link, err
}

// googlePatience is how long Google may take for its root keys.
const googlePatience = 10 * time.Second

// addGoogle adds to the API's configuration what Google Wallet is made of.
func (s *server) addGoogle(c *api.Config, w *wallets) (err error) {
	c.Faces = s.faces()
	c.Studio = s.studio
	c.Pictures = credential.NewPictures(s.ring.MACs(keys.Pass))
	c.GoogleMissing = "STEMPEL_GOOGLE_ISSUER"
	s.google, c.Google, err = s.openGoogle(w, c.Pictures)
	return err
}
