package google

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// Google takes about 20 requests a second of one issuer. A bucket lets through
// what it gains in a second and what it held: together these.
const (
	MaxRate    = 20
	limitBurst = 2
)

// patience is how long Google may take for one answer.
const patience = 10 * time.Second

// Limiter says whether one more request may be made under a name; processes that
// share it share the limit.
type Limiter interface {
	Allow(ctx context.Context, name string, perSecond, burst int) (ok bool, retryAfter time.Duration)
}

// Images are the addresses of pictures, public and https: Google fetches them.
type Images interface {
	Logo(f *passes.Face) string // square, of the brand
	Hero(f *passes.Face) string // 1032 × 336, of what the card shows now; empty: none
}

// Barcodes knows what makes a pass's rotating text, always the same: a pattern with
// {totp_value_0} in it, and the key of an RFC 6238 code of 8 digits, SHA-1, 30
// seconds. Without a pattern the pass shows no code.
type Barcodes interface {
	Barcode(ctx context.Context, pass *loyalty.Pass) (pattern string, key []byte, err error)
	// TapValue is what a reader gets over Smart Tap: the static text of the card's
	// wallets. Empty: nothing.
	TapValue(ctx context.Context, pass *loyalty.Pass) (string, error)
}

// Store remembers what Google has.
type Store interface {
	// GoogleObject is zero for an object that nothing is known of.
	GoogleObject(ctx context.Context, pass loyalty.PassID) (loyalty.GoogleObject, error)
	// ChangeGoogleObject changes what is known, with nobody else in between. change
	// may be called again.
	ChangeGoogleObject(ctx context.Context, pass loyalty.PassID, change func(*loyalty.GoogleObject)) error
}

// Config is what a Wallet is made of.
type Config struct {
	Issuer   Issuer
	Account  *Account
	Endpoint string       // of the Wallet API; Google's when empty
	TokenURL string       // of the account's when empty
	HTTP     *http.Client // to Google
	Callback string       // https address that Google calls; empty: none
	Origins  []string     // of the pages that show save links
	Readers  []int64      // redemption issuers, whose readers get a pass over Smart Tap (NFC); none: no Smart Tap

	Limits   Limiter
	Rate     int // requests a second for all who share Limits, 3 to MaxRate
	Images   Images
	Barcodes Barcodes
	Store    Store
	Now      func() time.Time
}

// Wallet keeps the classes and objects of one issuer as cards look. It is safe
// for use by many.
type Wallet struct {
	issuer   Issuer
	account  *Account
	rest     rest
	callback string
	origins  []string
	readers  []int64
	limits   Limiter
	rate     int
	images   Images
	barcodes Barcodes
	store    Store
	now      func() time.Time

	mu      sync.Mutex
	classes map[string][32]byte // what was sent last, by id
	answers [len(outcomeNames)]atomic.Int64
}

// New makes a wallet; it asks Google for nothing yet.
func New(c Config) *Wallet {
	account := c.Account.oauth
	if c.TokenURL != "" {
		account.TokenURL = c.TokenURL
	}
	// Tokens are fetched under this context and not under a request's: the client's
	// own patience ends that.
	base := *c.HTTP
	base.Timeout = patience
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &base)
	client := account.Client(ctx)
	client.Timeout = patience
	return &Wallet{
		issuer: c.Issuer, account: c.Account, rest: newRest(client, c.Endpoint), callback: c.Callback, origins: c.Origins, readers: c.Readers,
		limits: c.Limits, rate: c.Rate - limitBurst, images: c.Images, barcodes: c.Barcodes, store: c.Store,
		now: c.Now, classes: map[string][32]byte{},
	}
}

// Answers is how many passes ended so, in this process.
func (w *Wallet) Answers(o Outcome) int64 { return w.answers[o].Load() }
