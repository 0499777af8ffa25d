package apitest

import (
	"net/http"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/guard"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/passes/artwork"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
)

// pictureRoom is how many bytes of pictures a process of a test remembers.
const pictureRoom = 1 << 20

// wallets adds what passes are made with, and a stand-in for Google.
func (a *API) wallets(t testing.TB, c *api.Config) {
	t.Helper()
	c.Faces = a.faces()
	c.Studio = artwork.NewStudio(a.Store, pictureRoom)
	c.Pictures = credential.NewPictures(a.Ring.MACs(keys.Pass))
	if a.setup.NoGoogle {
		c.GoogleMissing = "STEMPEL_GOOGLE_ISSUER"
		return
	}
	a.Google = a.setup.google
	account, err := google.ReadAccount(a.Google.AccountFile())
	if err != nil {
		t.Fatalf("read the account: %v", err)
	}
	const base = "https://shop.example"
	a.Wallet = google.New(google.Config{
		Issuer: googletest.Issuer, Account: account, Endpoint: a.Google.Endpoint(), HTTP: http.DefaultClient,
		Callback: base + "/passes/google/callbacks", Origins: []string{base}, Readers: []int64{3388000000098765432},
		Limits: guard.NewMemory(time.Now), Rate: google.MaxRate, // the clock of a test stands still, and no token would come
		Images:   api.PictureLinks{Base: base, Pictures: c.Pictures, Now: a.Clock.Now},
		Barcodes: api.GoogleCodes{Store: a.Store, Rotating: c.Rotating, Static: c.Static, Now: a.Clock.Now},
		Store:    a.Store, Now: a.Clock.Now,
	})
	c.Google = struct {
		*google.Wallet
		*google.Callbacks
	}{a.Wallet, &google.Callbacks{
		Issuer: googletest.Issuer, Now: a.Clock.Now,
		Keys: &google.RootKeys{URL: a.Google.RootKeysURL(), HTTP: http.DefaultClient, Now: a.Clock.Now},
	}}
}

// AddToGoogle adds a card to somebody's Google Wallet and returns the id of its
// object. Google has not called back yet.
func (a *API) AddToGoogle(t testing.TB, shop *Shop, card loyalty.CardID) string {
	t.Helper()
	answer := a.Do(t, Call{Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/google-wallet", Token: shop.App})
	object, err := a.Google.Save(Read[gen.GoogleWalletLink](t, answer).URL)
	if err != nil {
		t.Fatalf("save the pass: %v", err)
	}
	return object
}
