package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/giftcodes"
	"stempel/internal/guard"
	"stempel/internal/jobs"
	"stempel/internal/keys"
	"stempel/internal/ledger"
	"stempel/internal/live"
	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/internal/webhooks"
	"stempel/passes"
	"stempel/passes/apple"
	"stempel/passes/artwork"
	"stempel/passes/google"
	"stempel/scanner"
)

// server is the running program: everything that has to be started and stopped,
// in one place, so that a test can boot the real thing on port 0.
type server struct {
	log      *slog.Logger
	store    *store.Store
	ring     *keys.Ring
	guard    replayGuard
	ledger   *ledger.Ledger
	webhooks *webhooks.Dispatcher
	sender   *webhooks.Sender
	google   *google.Wallet // nil: not set up
	letters  *api.Letters   // nil: no mail server is set up
	studio   *artwork.Studio
	live     *live.Hub     // of open pages
	pusher   *apple.Pusher // nil: nobody would believe it
	jobs     *jobs.Runner
	fanout   *passes.Fanout
	updates  *updates
	upkeep   *upkeep
	traces   *sdktrace.TracerProvider // nil: nothing is traced
	api      *api.Server
	listener net.Listener
	served   chan error         // how serving ended
	stop     context.CancelFunc // of background work
	running  sync.WaitGroup     // serving, and background work
}

// replayGuard is what both guards are.
type replayGuard interface {
	ledger.Guard
	api.Limiter
	Degraded() bool
}

// How often what runs beside the requests does its work.
const (
	keyringEvery = 5 * time.Second // a key rotated elsewhere is known within
	pruneEvery   = 10 * time.Minute
	drainTime    = 15 * time.Second
)

// boot opens everything and starts serving. What it opened is closed again when
// a later part fails.
func boot(ctx context.Context, kept *sealed, on *network, log *slog.Logger) (_ *server, err error) {
	s := &server{log: log, served: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	// Listening comes first: a port that is taken should not migrate a database.
	if s.listener, err = listen(on.Listen); err != nil {
		return s, err
	}
	if s.store, err = kept.open(ctx); err != nil {
		return s, err
	}
	if s.ring, err = kept.keyring(ctx, s.store); err != nil {
		return s, err
	}
	if s.guard, err = openGuard(on.RedisURL, log); err != nil {
		return s, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if on.OTLPEndpoint != "" {
		if s.traces, err = openTraces(on.OTLPEndpoint, log); err != nil {
			return s, err
		}
	}
	s.upkeep = newUpkeep(registry)
	s.live = live.New(relayOf(s.guard))
	registry.MustRegister(openPages(s.live))
	s.ledger = ledger.New(s.store, s.guard, ledger.Config{
		Workers: on.Posters.value, Meter: newPosting(registry), Log: log, Changed: s.tellPages,
	})
	hooks := s.openWebhooks(on.WebhooksPrivate.value)
	registry.MustRegister(webhookMetrics{s.store, s.webhooks, s.log})
	s.watch(registry)
	s.studio = artwork.NewStudio(s.store, pictureRoom)
	wallet, err := s.openApple(ctx, &kept.storage, &on.wallets, registry)
	if err != nil {
		return s, err
	}
	config := s.apiConfig(on, hooks, wallet, registry)
	if err = s.addGoogle(&config, &on.wallets); err != nil {
		return s, err
	}
	registry.MustRegister(appleMetrics{s.pusher}, googleMetrics{s.store, s.google, s.log})
	if err = s.openMail(&config, on); err != nil {
		return s, err
	}
	if err = s.openUpdates(); err != nil {
		return s, err
	}
	registry.MustRegister(updateMetrics{s.store, s.jobs, s.log}, offlineMetrics{s.store, s.log})
	pools := newCodeMetrics(registry)
	s.api = api.New(config)

	background, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.running.Go(func() {
		s.ring.Watch(background, keyringEvery, func(err error) {
			s.upkeep.keyringFailures.Inc()
			log.Warn("keyring not reloaded", slog.Any("error", err))
		})
	})
	s.running.Go(func() { s.updates.followKeys(background, s.log) })
	s.running.Go(func() { s.watchHealth(background) })
	s.running.Go(func() { s.prune(background) })
	s.running.Go(func() { s.lapse(background) })
	s.running.Go(func() { s.remind(background) })
	s.running.Go(func() { s.watchCodes(background, pools) })
	s.running.Go(func() { s.webhooks.Run(background) })
	s.running.Go(func() { s.live.Run(background) })
	s.running.Go(func() { s.fanout.Run(background) })
	if err = s.jobs.Start(background); err != nil {
		return s, err
	}
	s.running.Go(func() { s.served <- s.api.Serve(s.listener) })
	return s, nil
}

func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program uses %s: choose another address with --listen", address)
	}
	return listener, err
}

func (s *server) apiConfig(n *network, hooks api.Webhooks, wallet api.Apple, registry *prometheus.Registry) api.Config {
	_, pinKey := s.ring.MACs(keys.PIN).Current(time.Now())
	var tracer trace.Tracer
	if s.traces != nil {
		tracer = s.traces.Tracer("stempel")
	}
	live := credential.NewLive(s.ring.Signing(keys.Live))
	rotating := credential.NewRotating(s.ring.MACs(keys.Rotating))
	static := credential.NewStatic(s.ring.MACs(keys.Static))
	tagKeys := credential.NewTagKeys(s.ring.MACs(keys.Tag))
	return api.Config{
		Store: s.store, Ledger: s.ledger, Degraded: s.guard.Degraded,
		Verifier: scanner.NewVerifier(live, rotating, static, tagKeys, s.store, n.phones(wallet.Type)),
		Handles:  scanner.NewHandles(s.ring.MACs(keys.Scan)),
		Live:     live, Rotating: rotating, Static: static, TagKeys: tagKeys,
		Receipts:   credential.NewReceipts(s.ring.Signing(keys.Receipt)),
		Leases:     credential.NewLeases(s.ring.Signing(keys.Lease)),
		Statements: credential.NewStatements(s.ring.Signing(keys.Statement)),
		Links:      credential.NewLinks(s.ring.MACs(keys.Link)),
		Claims:     credential.NewClaims(s.ring.MACs(keys.Claim)),
		Codes:      giftcodes.NewBox(s.ring.MACs(keys.Code), s.ring.MACs(keys.Index)),
		PINs:       credential.NewPINs(pinKey),
		JWKS:       s.ring.JWKS,
		Personal:   s.personal(),
		Webhooks:   hooks,
		Apple:      wallet,
		Pages:      s.live,
		PublicURL:  n.publicURL(),
		Test:       n.Test.value,

		TrustedProxies: n.TrustedProxies.list,
		TillLimits:     guard.NewMemory(time.Now), KeyLimits: s.guard,
		TillRate: n.TillRate.value, KeyRate: n.KeyRate.value, CardRate: n.CardRate.value,
		Metrics: registry, Tracer: tracer, Log: s.log, Now: time.Now,
	}
}

func openGuard(redisURL string, log *slog.Logger) (replayGuard, error) {
	if redisURL == "" {
		return guard.NewMemory(time.Now), nil
	}
	redis, err := guard.OpenRedis(redisURL, guard.Log(log))
	if err != nil {
		return nil, err // and not a nil *guard.Redis, which is no nil replayGuard
	}
	return redis, nil
}

// relayOf is how processes tell each other of changed cards: through Redis, if they
// share one.
func relayOf(g replayGuard) live.Relay {
	if redis, ok := g.(*guard.Redis); ok {
		return redis
	}
	return nil
}

// tellPages hears of cards that were changed while something shows them.
func (s *server) tellPages(changed []loyalty.Dirt) {
	for _, dirt := range changed {
		s.live.Tell(dirt.Card)
	}
	s.fanout.Nudge()
}

// openWebhooks makes what delivers, and returns what the API needs of it.
func (s *server) openWebhooks(private bool) api.Webhooks {
	secrets := webhooks.NewSecrets(s.ring.MACs(keys.Webhook))
	sender := webhooks.NewSender(secrets, webhooks.Network{Private: private})
	s.sender = sender
	s.webhooks = webhooks.New(webhooks.Config{
		Store: s.store, Sender: sender, Render: api.RenderEvent, Now: time.Now, Log: s.log,
	})
	return api.Webhooks{Secrets: secrets, Sender: sender, Private: private}
}

// URL is where the server can be reached from this machine.
func (s *server) URL() string { return urlOf(*s.listener.Addr().(*net.TCPAddr)) }

func urlOf(at net.TCPAddr) string {
	if at.IP.IsUnspecified() { // every address: loopback is one of them
		at.IP = net.IPv4(127, 0, 0, 1)
	}
	return "http://" + at.String()
}

// Run serves until ctx ends, or serving fails, and then stops everything.
func (s *server) Run(ctx context.Context) error {
	var failed error
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
	case err := <-s.served:
		failed = fmt.Errorf("serving ended: %w", err)
	}
	return errors.Join(failed, s.Close())
}

// Close stops in the order in which things lean on each other: no new requests,
// then those under way, then the queue, then what they wrote to.
func (s *server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var errs []error
	if s.api != nil {
		errs = append(errs, s.api.Shutdown(ctx))
	} else if s.listener != nil {
		errs = append(errs, s.listener.Close())
	}
	if s.ledger != nil {
		errs = append(errs, s.ledger.Close(ctx))
	}
	if s.stop != nil {
		s.stop()
	}
	s.running.Wait()
	if s.jobs != nil {
		errs = append(errs, s.jobs.Stop(ctx))
	}
	if s.traces != nil {
		errs = append(errs, s.traces.Shutdown(ctx))
	}
	if closer, ok := s.guard.(io.Closer); ok {
		errs = append(errs, closer.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
