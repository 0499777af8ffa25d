// Package api is Stempel over HTTP: routes, authentication, and answers. A
// handler reads as parse, one call, render. Types and routes are generated from
// mobile-contracts/openapi.yaml; what stands in no contract is not here.
//
// It must never know SQL or Redis, and decides nothing about cards: that is
// loyalty.Decide's.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/giftcodes"
	"stempel/internal/ledger"
	"stempel/internal/live"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/whatif"
	"stempel/scanner"
)

// Store is what the API reads, and the few mutations that are not the ledger's.
// Reads of another merchant's rows are loyalty.ErrNotFound.
type Store interface {
	programStore
	draftStore
	stockStore
	cardStore
	entryStore
	Look(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, scan loyalty.Scanned, till loyalty.TillID) (*loyalty.State, loyalty.Till, error)
	Card(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID) (*loyalty.State, error)
	MerchantOf(ctx context.Context, card loyalty.CardID) (loyalty.MerchantID, error)
	Entries(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, beforeSeq int64, limit int) ([]loyalty.Entry, error)
	Entry(ctx context.Context, m loyalty.MerchantID, id loyalty.EntryID) (loyalty.Entry, error)
	Voucher(ctx context.Context, m loyalty.MerchantID, id loyalty.VoucherID) (loyalty.Voucher, error)
	Answer(ctx context.Context, id loyalty.RequestID) (loyalty.Answer, error)
	OpenCard(ctx context.Context, c loyalty.Command, program loyalty.ProgramID, open OpenCard) (loyalty.Answer, error)
	TillAccess(ctx context.Context, id loyalty.TillID) (loyalty.Access, error)
	KeyAccess(ctx context.Context, id loyalty.APIKeyID) (loyalty.Access, error)
	CheckPIN(ctx context.Context, m loyalty.MerchantID, till loyalty.Till, pinMAC []byte, now time.Time) (loyalty.Staff, error)
	Ready(ctx context.Context) error
	officeStore
	memberStore
	claimStore
	codeStore
	deviceStore
	tagStore
	approvalStore
	lookupStore
	offlineStore
	reportStore
	webhookStore
	googleStore
	partnerStore
	settlementStore
	passStore
	registrationStore
	brandStore
	importStore
	pageStore
	whatif.Store
	belongingStore
	agreementStore
	purchaseStore
}

// OpenCard decides on a new card of a program and renders the answer; it may be
// called again after a rollback.
type OpenCard = func(*loyalty.Program) (*loyalty.Decision, loyalty.Answer, error)

// Poster posts to the ledger.
type Poster interface {
	Post(ctx context.Context, c loyalty.Command, render ledger.Render) (loyalty.Answer, error)
	PostMany(ctx context.Context, commands []loyalty.Command, render func(*loyalty.Command) ledger.Render) []ledger.Posted
}

// Limiter says whether one more request may be made under a name.
type Limiter interface {
	Allow(ctx context.Context, name string, perSecond, burst int) (ok bool, retryAfter time.Duration)
	AllowEvery(ctx context.Context, name string, each time.Duration, burst int) (ok bool, retryAfter time.Duration)
}

// Config is what a Server is made of.
type Config struct {
	Store    Store
	Ledger   Poster
	Degraded func() bool // whether the guard is doing without Redis

	Verifier   *scanner.Verifier
	Handles    *scanner.Handles
	Live       *credential.Live
	Rotating   *credential.Rotating
	Static     *credential.Static
	TagKeys    *credential.TagKeys
	Receipts   *credential.Receipts
	Leases     *credential.Leases
	Statements *credential.Statements
	Links      *credential.Links
	Claims     *credential.Claims
	Codes      *giftcodes.Box
	PINs       *credential.PINs
	JWKS       func() []byte
	Personal   *personal.Box
	Webhooks   Webhooks
	Apple      Apple

	Faces         Faces
	Studio        Studio
	Pictures      *credential.Pictures
	Google        GoogleWallet // nil: not set up
	GoogleMissing string       // the setting for want of which it is not
	Pages         *live.Hub    // tells open pages of changes
	Post          Post         // nil: no letters are sent
	PublicURL     string       // where customers reach this server, without a slash at the end; empty: where each request came

	TrustedProxies []netip.Prefix // whose X-Forwarded-For says who asks

	TillLimits Limiter // in memory: a scan makes no trip for it; also for strangers and links
	KeyLimits  Limiter

	TillRate int // requests a second per till; 0: any number
	KeyRate  int // requests a second per API key; 0: any number
	CardRate int // requests a second per phone; 0: any number

	Test bool // for trying out: tills say so

	Metrics *prometheus.Registry
	Tracer  trace.Tracer // nil: requests are not followed
	Log     *slog.Logger
	Now     func() time.Time
}

// Server serves the contract. Make it with New.
type Server struct {
	Config
	app         *fiber.App
	log         *slog.Logger
	now         func() time.Time
	auth        authenticator
	guesses     strangers // who asks for claim codes that nobody has given out
	forgers     strangers // who sends callbacks that are not Google's
	replays     turns     // at what other rules would have meant
	settlements turns     // at what partners owe
	metrics     *metrics
	ready       readiness
	port        port
	streams     streams // of open pages
}

var _ gen.ServerInterface = (*Server)(nil)

// Limits of a request, beside those of its body.
const (
	maxHead       = 8 << 10          // bytes of its first line and headers
	readPatience  = 10 * time.Second // for a request to arrive
	writePatience = 10 * time.Second // for its answer to be taken
	idlePatience  = 2 * time.Minute  // between requests of a connection
)

// New wires a server; Serve starts it.
func New(config Config) *Server {
	s := &Server{Config: config, log: config.Log, now: config.Now}
	s.auth = newAuthenticator(config)
	s.guesses = newStrangers(config, "guess", guessesPerSecond, guessesAtOnce)
	s.forgers = newStrangers(config, "forger", forgeriesPerSecond, forgeriesAtOnce)
	s.metrics = newMetrics(config.Metrics)
	s.streams.closing = make(chan struct{})
	s.app = fiber.New(fiber.Config{
		AppName:                      "Stempel",
		Immutable:                    true, // values outlive their request in the posting queue
		CaseSensitive:                true, // one address has one spelling, as request ids are made of it
		StrictRouting:                true,
		ReadBufferSize:               maxHead,
		BodyLimit:                    maxBody,
		ReadTimeout:                  readPatience,
		WriteTimeout:                 writePatience,
		IdleTimeout:                  idlePatience,
		DisablePreParseMultipartForm: true, // no operation takes one
		DisableStartupMessage:        true,
		ErrorHandler:                 s.problem,
	})
	if s.Tracer != nil {
		s.app.Use(s.trace)
	}
	s.app.Use(s.measure, s.recover, s.prepare)
	gen.RegisterHandlers(s.app, s, s.guarded)
	s.routePages()
	s.app.Server().Handler = knownMethods(s.app.Handler())
	s.app.Server().HeaderReceived = bodyLimit
	s.app.Server().CloseOnShutdown = true // tells clients not to send their next request here
	return s
}

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(on net.Listener) error {
	if !s.port.open(on) {
		return on.Close() // Shutdown was first
	}
	return s.app.Listener(&s.port)
}

// Shutdown stops accepting, and lets requests under way finish until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.streams.close() // open pages would keep it for as long as they are open
	return errors.Join(s.app.ShutdownWithContext(ctx), s.port.Close())
}
