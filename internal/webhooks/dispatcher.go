package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"stempel/internal/loyalty"
)

// Store keeps what is to be delivered, for all processes.
type Store interface {
	// CollectEntries notes what was committed since the last call, anywhere.
	CollectEntries(ctx context.Context, now time.Time, pause time.Duration) (cards int64, err error)
	// ReplayingWebhooks are those with a replay under way.
	ReplayingWebhooks(ctx context.Context) ([]loyalty.Webhook, error)
	// ReplayPage goes on with one, in a short transaction. There is no more to do when
	// it is over or others are at it.
	ReplayPage(ctx context.Context, w loyalty.WebhookID, now time.Time) (cards int64, more bool, err error)
	// DueWebhooks are those with deliveries due at now.
	DueWebhooks(ctx context.Context, now time.Time) ([]loyalty.Webhook, error)
	// ClaimDeliveries hands out deliveries to be settled before until.
	ClaimDeliveries(ctx context.Context, w loyalty.WebhookID, now, until time.Time, limit int) ([]loyalty.Leased, error)
	// DeliveryEntries are what a delivery is about, in order.
	DeliveryEntries(ctx context.Context, d *loyalty.Delivery, kinds loyalty.Kinds, from int64, limit int) ([]loyalty.Entry, error)
	// SettleDelivery reports false when the lease has ended and others go on.
	SettleDelivery(ctx context.Context, c *loyalty.Leased, became *loyalty.Settlement) (bool, error)
}

// Config of a Dispatcher.
type Config struct {
	Store  Store
	Sender *Sender
	Render func(*loyalty.Entry) ([]byte, error) // an event's body: the same bytes each time
	Now    func() time.Time
	Log    *slog.Logger
}

// Dispatcher collects what was posted and delivers it. Make it with New.
type Dispatcher struct {
	Config
	turns   *turns
	replays *turns        // whose replay goes on next
	freed   chan struct{} // somebody may begin
	running sync.WaitGroup

	delivered, failed atomic.Int64
}

// How often the database is asked.
const (
	collectEvery = time.Second
	// restFactor bounds what collecting takes of the database, and what replays do:
	// after a second of work come nine of rest.
	restFactor = 9
)

// lease is how long a worker has a card to itself, and so how long the events that
// a killed process had wait for another: a turn, in which deliveries begin, the
// last of them to its end, and a margin for clocks that differ and a database that
// takes its time.
const (
	turn   = 5 * time.Second
	margin = 5 * time.Second
	lease  = turn + Patience + margin
)

// New makes a dispatcher; Run starts it.
func New(config Config) *Dispatcher {
	return &Dispatcher{
		Config: config, turns: newTurns(), replays: newTurns(), freed: make(chan struct{}, 1),
	}
}

// Delivered is how many events were taken since the process began.
func (d *Dispatcher) Delivered() int64 { return d.delivered.Load() }

// Failed is how many attempts were not.
func (d *Dispatcher) Failed() int64 { return d.failed.Load() }

// Run collects and delivers until ctx ends. Deliveries under way are finished:
// that takes no longer than Patience.
func (d *Dispatcher) Run(ctx context.Context) {
	d.running.Go(func() { d.often(ctx, "collect", d.collect) })
	d.running.Go(func() { d.often(ctx, "replay", d.replay) })
	for {
		d.attempt(ctx, "deliver", func() error { return d.begin(ctx) })
		select {
		case <-ctx.Done():
			d.running.Wait()
			d.Sender.Close()
			return
		case <-d.freed:
		case <-time.After(collectEvery): // an attempt that was put off may be due
		}
	}
}

// often does something again and again, each time after a rest.
func (d *Dispatcher) often(ctx context.Context, doing string, do func(context.Context) error) {
	for {
		began := time.Now()
		d.attempt(ctx, doing, func() error { return do(ctx) })
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(collectEvery, restFactor*time.Since(began))):
		}
	}
}

func (d *Dispatcher) collect(ctx context.Context) error {
	cards, err := d.Store.CollectEntries(ctx, d.Now(), collectEvery/2)
	if cards > 0 {
		d.wake()
	}
	return err
}

// attempt logs what went wrong; the next attempt comes anyway.
func (d *Dispatcher) attempt(ctx context.Context, doing string, do func() error) {
	if err := do(); err != nil && ctx.Err() == nil {
		d.Log.Warn("webhooks: cannot "+doing, slog.Any("error", err))
	}
}

// Step collects, replays, and delivers all that is due, once: for tests, whose
// time stands still. It returns when everything that it began has ended.
func (d *Dispatcher) Step(ctx context.Context) error {
	_, err := d.Store.CollectEntries(ctx, d.Now(), 0)
	if err == nil {
		err = d.replay(ctx)
	}
	if err == nil {
		err = d.begin(ctx)
	}
	d.running.Wait()
	return err
}

// begin starts as many due deliveries as there is room for.
func (d *Dispatcher) begin(ctx context.Context) error {
	now := d.Now()
	due, err := d.Store.DueWebhooks(ctx, now)
	if err != nil {
		return err
	}
	rooms := d.turns.take(due)
	for i := range due {
		err = errors.Join(err, d.claim(ctx, &due[i], now, rooms[i]))
	}
	return err
}

// claim starts so many deliveries of a webhook at most.
func (d *Dispatcher) claim(ctx context.Context, w *loyalty.Webhook, now time.Time, room int) error {
	if room == 0 {
		return nil
	}
	claimed, err := d.Store.ClaimDeliveries(ctx, w.ID, now, now.Add(lease), room)
	d.turns.giveBack(w, room-len(claimed))
	for _, c := range claimed {
		d.running.Go(func() {
			defer d.wake()
			defer d.turns.giveBack(w, 1)
			d.deliver(ctx, w, &c, now)
		})
	}
	return err
}

func (d *Dispatcher) wake() {
	select {
	case d.freed <- struct{}{}:
	default:
	}
}
