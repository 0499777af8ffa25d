// Package ledger posts commands to the append-only ledger, in batches: while one
// batch is being committed, new commands queue and form the next (group commit),
// so an idle system adds no latency and a busy one shares its trips to the
// database.
//
// It knows the order of things and who waits for what. It must never know SQL,
// Redis, HTTP or what an answer looks like.
package ledger

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

// Store posts a batch in one transaction. It may call decide again, with fresh
// facts, after a rollback. Errors: loyalty.ErrConflict, ErrOutcomeUnknown,
// ErrUnavailable, or something internal.
type Store interface {
	Post(ctx context.Context, keys loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error
}

// Guard stands before the store and answers floods of replays. It is never the
// truth: nil for a claim, or an error, only means "let the store decide". Limits alone
// are its own: how often is too often need not be exact, and nothing is lost by it.
type Guard interface {
	// Exchange tells of earlier commands, claims for new ones and counts them against
	// their merchants' limits, in one trip. With an error only the limits are answered.
	Exchange(ctx context.Context, told loyalty.Told, asked loyalty.Asked) (loyalty.Answered, error)
}

// Render makes the answer of a decided command: Status and Body. It runs while
// the card is locked and being written, may run again after a rollback, and must
// be pure.
type Render func(*loyalty.Decision) (loyalty.Answer, error)

// Errors of Post beside a *loyalty.Refusal and what Store may return.
var (
	ErrOverloaded = errors.New("the posting queue is full")
	ErrClosed     = errors.New("the ledger is shutting down")
	ErrAbandoned  = errors.New("the asker left before the command was taken: nothing was posted")
)

// Config of a Ledger. Zero values mean the defaults.
type Config struct {
	Workers  int           // posting workers; commands of one card always meet the same one. Default 1
	Queue    int           // commands that may wait per worker. Default 1024
	Batch    int           // commands per transaction. Default 64
	Patience time.Duration // how long a taken batch may try. Default 5 s
	Meter    Meter         // told how posting goes. Default: nobody

	// Changed hears after a commit which cards changed that something shows. A
	// worker calls it: it must not block. What it misses stands in the store.
	Changed func([]loyalty.Dirt)

	Now   func() time.Time
	NewID func() [16]byte // of entries and what comes with them; ids sort by time. Default loyalty.NewID
	Log   *slog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.Workers, 1)
	setDefault(&c.Queue, 1024)
	setDefault(&c.Batch, 64)
	setDefault(&c.Patience, 5*time.Second)
	if c.Meter == nil {
		c.Meter = unmeasured{}
	}
	if c.Changed == nil {
		c.Changed = func([]loyalty.Dirt) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = loyalty.NewID
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Ledger takes commands from many goroutines. Make it with New.
type Ledger struct {
	store   Store
	guard   Guard
	config  Config
	workers []*worker

	closing sync.RWMutex // held for reading while a command is put in a queue
	closed  bool
	running sync.WaitGroup
}

// New starts a ledger's workers; Close ends them.
func New(store Store, guard Guard, config Config) *Ledger {
	l := &Ledger{store: store, guard: guard, config: config.withDefaults()}
	for range l.config.Workers {
		w := newWorker(l)
		l.workers = append(l.workers, w)
		l.running.Go(w.claimAll)
		l.running.Go(w.commitAll)
	}
	return l
}

// waiter is a command in the queue and the one who waits for its answer.
type waiter struct {
	command loyalty.Command
	render  Render
	since   time.Time    // in the queue
	span    trace.Span   // of its asker's trace
	stage   atomic.Int32 // queued, then taken or left

	claimed, paced int             // which of the batch's claims and actions it is; −1: none
	pace           loyalty.Paced   // with Counts: what it counts as
	reached        loyalty.Reached // and what the guard said to that

	done   chan struct{}
	answer loyalty.Answer
	err    error
}

const (
	queued int32 = iota
	taken        // a worker has it: it will be decided whoever leaves
	left         // its asker went away first: nobody will decide it
)

func (w *waiter) finish(answer loyalty.Answer, err error) {
	w.answer, w.err = answer, err
	close(w.done)
}

// Post decides and commits one command and returns its rendered answer; for a
// request that was answered before, that answer, Replayed.
//
// Errors: *loyalty.Refusal (nothing happened), ErrOverloaded, ErrClosed and
// ErrAbandoned (nothing happened), loyalty.ErrUnavailable (nothing happened),
// loyalty.ErrOutcomeUnknown (ask again with the same request).
func (l *Ledger) Post(ctx context.Context, c loyalty.Command, render Render) (_ loyalty.Answer, err error) {
	_, span := tracing.Start(ctx, "post")
	defer func() { tracing.End(span, unlessRefused(err)) }()
	w := newWaiter(c, render, span)
	if err := l.enqueue(w, l.workerFor(c.Card)); err != nil {
		return loyalty.Answer{}, err
	}
	return w.wait(ctx)
}

func newWaiter(c loyalty.Command, render Render, span trace.Span) *waiter {
	return &waiter{command: c, render: render, since: time.Now(), span: span, done: make(chan struct{})}
}

// wait is until the command is answered, or ctx ends. Errors: as of Post.
func (w *waiter) wait(ctx context.Context) (loyalty.Answer, error) {
	select {
	case <-w.done:
		return w.answer, w.err
	case <-ctx.Done():
	}
	if w.stage.CompareAndSwap(queued, left) {
		return loyalty.Answer{}, ErrAbandoned
	}
	select {
	case <-w.done: // it was finished while we were looking away
		return w.answer, w.err
	default:
		return loyalty.Answer{}, loyalty.ErrOutcomeUnknown
	}
}

func (l *Ledger) enqueue(w *waiter, to *worker) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return ErrClosed
	}
	select {
	case to.queue <- w:
		return nil
	default:
		return ErrOverloaded
	}
}

// workerFor sends all commands of a card to one worker. The last byte of a
// UUIDv7 is random.
func (l *Ledger) workerFor(card loyalty.CardID) *worker {
	return l.workers[int(card[15])%len(l.workers)]
}

// Waiting is the number of commands in the queues, for metrics.
func (l *Ledger) Waiting() int {
	n := 0
	for _, w := range l.workers {
		n += len(w.queue)
	}
	return n
}

// Close refuses new commands, lets those in the queues finish, and returns when
// the workers have ended or ctx has.
func (l *Ledger) Close(ctx context.Context) error {
	l.closing.Lock()
	if !l.closed {
		l.closed = true
		for _, w := range l.workers {
			close(w.queue)
		}
	}
	l.closing.Unlock()
	drained := make(chan struct{})
	go func() { l.running.Wait(); close(drained) }()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
