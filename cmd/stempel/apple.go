package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/passes/apple"
)

// wallets is what passes need to be more than a try.
type wallets struct {
	PublicURL        string `long:"public-url" env:"STEMPEL_PUBLIC_URL" value-name:"URL" description:"Where phones reach this server, https://…: in wallets, on posters and in letters; without it passes in wallets do not update themselves."`
	AppleCertificate string `long:"apple-certificate" env:"STEMPEL_APPLE_CERTIFICATE" value-name:"PEM" description:"Pass Type ID certificate with its key: PEM, or a .p12 file (as it is in a file, else as Base64). Without it passes are signed by a test chain, which iPhones refuse."`
	ApplePassword    string `long:"apple-password" env:"STEMPEL_APPLE_PASSWORD" unquote:"false" value-name:"TEXT" description:"Password of the .p12 file."`
	ApplePassType    string `long:"apple-pass-type" env:"STEMPEL_APPLE_PASS_TYPE" value-name:"ID" description:"Pass type that the certificate is for: pass.com.example.loyalty."`
	AppleTeam        string `long:"apple-team" env:"STEMPEL_APPLE_TEAM" value-name:"ID" description:"Team that the certificate is of, ten characters."`
	AppleNFCKey      string `long:"apple-nfc-key" env:"STEMPEL_APPLE_NFC_KEY" value-name:"KEY" description:"Public key of the NFC readers, for certificates with Apple's NFC entitlement: Base64 of a compressed P-256 key."`

	ApplePush string         `long:"apple-push" env:"STEMPEL_APPLE_PUSH" value-name:"URL" description:"Stands in for Apple's push service: for tests."`
	pushRoots *x509.CertPool // whom to trust there; nil for those of the system

	googleSettings
	readerSettings
}

func (w *wallets) check(wrong *problems) {
	w.googleSettings.check(wrong, w.PublicURL)
	w.readerSettings.check(wrong, w.AppleNFCKey)
	checkPublicURL(wrong, w.PublicURL)
	if w.ApplePush != "" {
		if err := checkEndpoint(w.ApplePush); err != nil {
			wrong.add("STEMPEL_APPLE_PUSH", "%v", err)
		}
	}
	if w.AppleNFCKey != "" {
		if err := apple.CheckNFCKey(w.AppleNFCKey); err != nil {
			wrong.add("STEMPEL_APPLE_NFC_KEY", "%v", err)
		}
	}
	if w.AppleCertificate == "" {
		for name, value := range map[string]string{"STEMPEL_APPLE_PASS_TYPE": w.ApplePassType, "STEMPEL_APPLE_TEAM": w.AppleTeam} {
			if value != "" {
				wrong.add(name, "is given, and STEMPEL_APPLE_CERTIFICATE is not")
			}
		}
		return
	}
	id, err := w.identity(time.Now())
	switch {
	case err != nil:
		wrong.add("STEMPEL_APPLE_CERTIFICATE", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	case w.AppleNFCKey != "" && !id.CanNFC():
		wrong.add("STEMPEL_APPLE_NFC_KEY", "is given, and the certificate has no NFC entitlement")
	}
}

// publicURL is the setting without a slash at its end.
func (w *wallets) publicURL() string { return strings.TrimSuffix(w.PublicURL, "/") }

func checkPublicURL(wrong *problems, setting string) {
	at, err := url.Parse(setting)
	if setting != "" && (err != nil || at.Scheme != "https" || at.Host == "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil) {
		wrong.add("STEMPEL_PUBLIC_URL", "must look like https://cards.example.com")
	}
}

func (w *wallets) identity(now time.Time) (*apple.Identity, error) {
	file := []byte(w.AppleCertificate)
	if decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(w.AppleCertificate), "")); err == nil {
		file = decoded
	}
	return apple.ParseIdentity(file, w.ApplePassword, w.ApplePassType, w.AppleTeam, now)
}

const (
	pictureRoom     = 8 << 20 // bytes of drawn pictures in memory
	certificateWarn = 30 * 24 * time.Hour
)

// openApple makes what signs passes, and says in the log where that will not do.
func (s *server) openApple(ctx context.Context, kept *storage, w *wallets, registry *prometheus.Registry) (api.Apple, error) {
	id, err := w.signer(ctx, kept, s.store)
	if err != nil {
		return api.Apple{}, fmt.Errorf("the certificate of passes: %w", err)
	}
	left := time.Until(id.Expires)
	switch {
	case id.Test:
		s.log.Info("Apple passes are signed by a test chain and say so: iPhones refuse them until STEMPEL_APPLE_CERTIFICATE is given")
	case left < certificateWarn:
		s.log.Warn("the certificate of Apple passes expires soon: make a new one in Apple's developer portal", slog.Time("at", id.Expires))
	}
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "stempel_pass_certificate_expiry_timestamp_seconds",
		Help: "When the certificate that signs Apple passes expires, in seconds since 1970.",
	}, func() float64 { return float64(id.Expires.Unix()) }))
	s.openPusher(id, w)
	service := ""
	if w.PublicURL != "" {
		service = w.publicURL() + "/passes/apple"
	}
	return api.Apple{
		Type: id.Type, Trial: id.Test, Tokens: credential.NewPassTokens(s.ring.MACs(keys.Pass)), Faces: s.faces(),
		Packager: apple.New(apple.Config{
			Identity: id, Artist: s.studio, Service: service, NFC: w.AppleNFCKey, Now: time.Now,
		}),
	}, nil
}

// openPusher makes what tells iPhones that a pass changed. Apple believes no test
// chain, and no iPhone shows such a pass: then there is nobody to tell.
func (s *server) openPusher(id *apple.Identity, w *wallets) {
	switch {
	case w.ApplePush != "":
		s.pusher = apple.NewPusher(id, w.ApplePush, w.pushRoots)
	case !id.Test:
		s.pusher = apple.NewPusher(id, apple.PushHost, nil)
	}
}

// signer is the configured certificate, or that of the test chain, which is made
// on the first start. Beside an embedded database stands its root, for openssl cms
// -verify.
func (w *wallets) signer(ctx context.Context, kept *storage, db *store.Store) (*apple.Identity, error) {
	if w.AppleCertificate != "" {
		return w.identity(time.Now())
	}
	chain, err := db.TestChain(ctx)
	if errors.Is(err, loyalty.ErrNotFound) {
		var made []byte
		if made, err = apple.NewTestChain(time.Now()); err != nil {
			return nil, err
		}
		chain, err = db.KeepTestChain(ctx, string(made))
	}
	if err == nil && kept.DatabaseURL == "" {
		err = os.WriteFile(filepath.Join(kept.Data, "pass-test-ca.pem"), apple.TestRoot([]byte(chain)), 0o600)
	}
	if err != nil {
		return nil, err
	}
	return apple.ParseTestChain([]byte(chain), time.Now())
}
