package apitest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/engines/enginetest"
	"stempel/internal/giftcodes"
	"stempel/internal/guard"
	"stempel/internal/keys"
	"stempel/internal/ledger"
	"stempel/internal/live"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
	"stempel/internal/webhooks"
	"stempel/passes"
	"stempel/passes/apple"
	"stempel/passes/artwork"
	"stempel/passes/google"
	"stempel/passes/google/googletest"
	"stempel/scanner"
)

// Guard is what both guards of the house are.
type Guard interface {
	ledger.Guard
	api.Limiter
	Degraded() bool
}

// Setup is what a test may choose of a process.
type Setup struct {
	Database string // URL; an SQLite file of the test's own when empty
	Guard    Guard  // in memory when nil
	TillRate int    // as in api.Config
	KeyRate  int
	CardRate int
	Tracer   trace.Tracer
	Wrap     func(api.Store) api.Store // puts something between API and store
	NoGoogle bool                      // Google Wallet is not set up
	Test     bool                      // as in api.Config

	Post      api.Post // as in api.Config
	PublicURL string

	newID  func() [16]byte // nil: by the machine's clock
	clock  *Clock
	logs   *logbook
	google *googletest.Google // one for all processes of a deployment
}

// Postgres puts the API on a schema of the test's own.
func Postgres(t testing.TB) func(*Setup) {
	t.Helper()
	url := enginetest.Postgres(t)
	return func(s *Setup) { s.Database = url }
}

// API is one process and a client of it.
type API struct {
	URL   string
	Clock *Clock
	Store *store.Store
	Ring  *keys.Ring
	Shop  *Shop // whose tills and keys tests use
	Rival *Shop // another merchant on the same server
	more  []*Shop

	Dispatcher *webhooks.Dispatcher // which does nothing until a test steps it
	Google     *googletest.Google   // what the process takes for Google
	Wallet     *google.Wallet

	setup  Setup
	server *api.Server
	ledger *ledger.Ledger
	client *http.Client
	served chan error
	closed bool
}

// Boot starts a process on an empty database and fills that with two merchants.
// It ends with the test, after the proof that every card's ledger holds, and that
// nothing was logged that opens something.
func Boot(t testing.TB, changes ...func(*Setup)) *API {
	t.Helper()
	setup := Setup{clock: NewClock(), logs: new(logbook)}
	for _, change := range changes {
		change(&setup)
	}
	if setup.Database == "" {
		setup.Database = storetest.SQLite(t)
	}
	setup.google = googletest.Start(setup.clock.Now)
	t.Cleanup(setup.google.Close)
	a := start(t, setup, func(a *API) { a.prove(t); a.proveLog(t) })
	a.Shop, a.Rival = a.openShop(t, "Gelateria Aurora"), a.openShop(t, "Boulangerie Rivale")
	return a
}

// Beside starts one more process of the same deployment, with the same guard
// unless a change gives it another.
func (a *API) Beside(t testing.TB, changes ...func(*Setup)) *API {
	t.Helper()
	setup := a.setup
	for _, change := range changes {
		change(&setup)
	}
	beside := start(t, setup, func(*API) {})
	beside.Shop, beside.Rival, beside.more = a.Shop, a.Rival, a.more
	return beside
}

// Across is the same process as the other merchant sees it.
func (a *API) Across() *API {
	across := *a
	across.Shop, across.Rival = a.Rival, a.Shop
	return &across
}

// master seals the keyrings of all tests.
var master = [32]byte([]byte("the master key of every api test"))

func start(t testing.TB, setup Setup, last func(*API)) *API {
	t.Helper()
	a := &API{setup: setup, Clock: setup.clock, served: make(chan error, 1)}
	db, err := store.Open(t.Context(), setup.Database, store.Options{})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	a.Store = db
	t.Cleanup(func() {
		if err := errors.Join(a.Close(), func() error { last(a); return nil }(), db.Close()); err != nil {
			t.Errorf("close the API: %v", err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	if a.Ring, err = keys.Open(t.Context(), db, master, a.Clock.Now()); err != nil {
		t.Fatalf("open the keyring: %v", err)
	}
	a.serve(t)
	return a
}

func (a *API) serve(t testing.TB) {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	a.URL = "http://" + on.Addr().String()
	a.client = &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 300},
		Timeout:   time.Minute,
	}
	config := a.config()
	a.wallets(t, &config)
	a.ledger = ledger.New(a.Store, a.guard(), ledger.Config{Workers: 2, Now: a.Clock.Now, NewID: a.setup.newID, Log: config.Log, Changed: func(changed []loyalty.Dirt) {
		for _, dirt := range changed {
			config.Pages.Tell(dirt.Card)
		}
	}})
	config.Ledger = a.ledger
	a.server = api.New(config)
	go func() { a.served <- a.server.Serve(on) }()
}

func (a *API) guard() Guard {
	if a.setup.Guard == nil {
		a.setup.Guard = guard.NewMemory(a.Clock.Now)
	}
	return a.setup.Guard
}

func (a *API) config() api.Config {
	_, pinKey := a.Ring.MACs(keys.PIN).Current(a.Clock.Now())
	hub := live.New(nil)
	live := credential.NewLive(a.Ring.Signing(keys.Live))
	rotating := credential.NewRotating(a.Ring.MACs(keys.Rotating))
	static := credential.NewStatic(a.Ring.MACs(keys.Static))
	tagKeys := credential.NewTagKeys(a.Ring.MACs(keys.Tag))
	c := api.Config{
		Store: a.Store, Degraded: a.guard().Degraded,
		Verifier: scanner.NewVerifier(live, rotating, static, tagKeys, a.Store, phones()),
		Handles:  scanner.NewHandles(a.Ring.MACs(keys.Scan)),
		Live:     live, Rotating: rotating, Static: static, TagKeys: tagKeys,
		Receipts:   credential.NewReceipts(a.Ring.Signing(keys.Receipt)),
		Leases:     credential.NewLeases(a.Ring.Signing(keys.Lease)),
		Statements: credential.NewStatements(a.Ring.Signing(keys.Statement)),
		Links:      credential.NewLinks(a.Ring.MACs(keys.Link)),
		Claims:     credential.NewClaims(a.Ring.MACs(keys.Claim)),
		Codes:      giftcodes.NewBox(a.Ring.MACs(keys.Code), a.Ring.MACs(keys.Index)),
		PINs:       credential.NewPINs(pinKey),
		JWKS:       a.Ring.JWKS,
		Personal:   a.personal(),
		Webhooks:   a.webhooks(),
		Apple:      a.apple(),
		Pages:      hub,
		Post:       a.setup.Post,
		PublicURL:  a.setup.PublicURL,
		Test:       a.setup.Test,
		TillLimits: guard.NewMemory(a.Clock.Now), KeyLimits: a.guard(),
		TillRate: a.setup.TillRate, KeyRate: a.setup.KeyRate, CardRate: a.setup.CardRate,
		Metrics: prometheus.NewRegistry(), Tracer: a.setup.Tracer, Log: a.setup.logs.logger(), Now: a.Clock.Now,
	}
	a.Dispatcher = webhooks.New(webhooks.Config{
		Store: a.Store, Sender: c.Webhooks.Sender, Render: api.RenderEvent, Now: a.Clock.Now, Log: c.Log,
	})
	if a.setup.Wrap != nil {
		c.Store = a.setup.Wrap(a.Store)
	}
	return c
}

// webhooks may go to this machine: that is where tests receive them.
func (a *API) webhooks() api.Webhooks {
	secrets := webhooks.NewSecrets(a.Ring.MACs(keys.Webhook))
	sender := webhooks.NewSender(secrets, webhooks.Network{Private: true})
	return api.Webhooks{Secrets: secrets, Sender: sender, Private: true}
}

// faces make how cards look, with their members' names where those are shown.
func (a *API) faces() passes.Faces {
	return passes.Faces{Shelf: a.Store, Name: a.personal().Name, Now: a.Clock.Now}
}

func (a *API) personal() *personal.Box {
	return personal.NewBox(a.Ring.MACs(keys.Personal), a.Ring.MACs(keys.Index))
}

// apple signs with a chain of its own, which all tests share.
func (a *API) apple() api.Apple {
	return api.Apple{
		Type: apple.TestType, Tokens: credential.NewPassTokens(a.Ring.MACs(keys.Pass)),
		Faces: a.faces(),
		Packager: apple.New(apple.Config{
			Identity: Identity(), Artist: artwork.NewStudio(a.Store, 1<<20), Service: "https://cards.example/passes/apple", Now: a.Clock.Now,
		}),
	}
}

// Identity is who signs the passes of all tests: making its keys takes a second.
var Identity = sync.OnceValue(func() *apple.Identity {
	now := NewClock().Now()
	chain, err := apple.NewTestChain(now)
	if err != nil {
		panic(err)
	}
	id, err := apple.ParseTestChain(chain, now)
	if err != nil {
		panic(err)
	}
	return id
})

// drainTime is how long Close lets requests under way go on.
const drainTime = 20 * time.Second

// Close ends the process in good order: requests under way finish, then what
// waits to be posted. The store stays open for the test. Further calls do nothing.
func (a *API) Close() error {
	if a.closed || a.server == nil {
		return nil
	}
	a.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	a.client.CloseIdleConnections()
	err := errors.Join(a.server.Shutdown(ctx), a.ledger.Close(ctx))
	select {
	case served := <-a.served:
		return errors.Join(err, served)
	case <-ctx.Done():
		return errors.Join(err, errors.New("the server still serves"))
	}
}
