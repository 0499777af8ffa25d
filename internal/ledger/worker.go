package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

// worker posts the commands of its queue in two stages, each a goroutine: one
// gathers a batch and claims it at the guard, the other commits it. The next
// batch is gathered when the one before is decided and only has to be written,
// so that its trip to the guard costs no time of its own.
type worker struct {
	ledger *Ledger
	queue  chan *waiter
	turn   chan struct{} // a batch may be gathered
	untold chan struct{} // a batch was committed
	ready  chan batch    // claimed
	called bool          // the batch after the one that is being committed was called

	mu     sync.Mutex
	done   []loyalty.Outcome // committed, and not yet told to the guard
	undone []loyalty.Paced   // counted against limits, and nothing happened; not yet told either
}

func newWorker(l *Ledger) *worker {
	w := &worker{
		ledger: l,
		queue:  make(chan *waiter, l.config.Queue),
		turn:   make(chan struct{}, 1),
		untold: make(chan struct{}, 1),
		ready:  make(chan batch),
	}
	w.turn <- struct{}{}
	return w
}

// claimAll is the first stage.
func (w *worker) claimAll() {
	defer close(w.ready)
	for range w.turn {
		first, open := w.wait()
		if !open {
			return
		}
		w.ready <- w.claim(w.gather(first))
	}
}

// wait returns the next command. Meanwhile it passes outcomes on to the guard
// which no next batch is there to carry.
func (w *worker) wait() (first *waiter, open bool) {
	for {
		select {
		case first, open = <-w.queue:
			return first, open
		case <-w.untold:
			if len(w.queue) == 0 {
				w.exchange(context.Background(), loyalty.Asked{})
			}
		}
	}
}

// commitAll is the second stage. At the end it tells the guard what no next batch will.
func (w *worker) commitAll() {
	for batch := range w.ready {
		w.post(batch)
		select {
		case w.untold <- struct{}{}:
		default:
		}
	}
	w.exchange(context.Background(), loyalty.Asked{})
}

// gather takes what waits, in order of arrival, up to the size of a batch.
func (w *worker) gather(first *waiter) batch {
	waiters := take(make([]*waiter, 0, 1+len(w.queue)), first)
	for open := true; open && len(waiters) < w.ledger.config.Batch; {
		var next *waiter
		select {
		case next, open = <-w.queue:
			if open {
				waiters = take(waiters, next)
			}
		default:
			open = false
		}
	}
	w.measure(waiters)
	return follow(waiters)
}

// take adds a command unless its asker has left.
func take(batch []*waiter, next *waiter) []*waiter {
	if next.stage.CompareAndSwap(queued, taken) {
		return append(batch, next)
	}
	return batch
}

// claim asks the guard, in one trip that also tells it of earlier commits, answers the
// replays that it knows, and refuses what a limit of the merchant holds back. It
// returns the rest.
func (w *worker) claim(b batch) batch {
	var asked loyalty.Asked
	asked.Claims = make([]loyalty.Claim, 0, len(b.waiters))
	for _, one := range b.waiters {
		one.ask(&asked)
	}
	if asked.IsEmpty() {
		return b
	}
	answered := w.exchange(b.within(context.Background()), asked)
	b.waiters = slices.DeleteFunc(b.waiters, func(one *waiter) bool { return w.turnAway(one, &answered) })
	return b
}

// ask adds what a command has to ask of the guard.
func (w *waiter) ask(asked *loyalty.Asked) {
	c := &w.command
	w.claimed, w.paced = -1, -1
	if c.Spends() {
		w.claimed = len(asked.Claims)
		asked.Claims = append(asked.Claims, loyalty.Claim{Merchant: c.Merchant, Nonce: c.Scan.Nonce, Action: c.Kind(), Owner: c.Request})
	}
	if c.Limits == (loyalty.Limits{}) {
		return
	}
	if w.pace = c.Pace(); len(w.pace.Counts) > 0 {
		w.paced = len(asked.Paced)
		asked.Paced = append(asked.Paced, w.pace)
	}
}

// turnAway refuses a command that the guard knows to be a replay, or too much.
func (w *worker) turnAway(one *waiter, answered *loyalty.Answered) bool {
	c := &one.command
	if one.paced >= 0 {
		one.reached = answered.Reached[one.paced]
		c.Lifted = one.reached.Limits
	}
	switch {
	case one.claimed >= 0 && answered.Used[one.claimed] != nil:
		w.ledger.config.Meter.Replay(true)
		w.undo(one)
		one.finish(loyalty.Answer{}, loyalty.RefuseUsed(answered.Used[one.claimed].Use(c.Card), &c.Scan, c.Till, c.Merchant))
	case one.reached.Refuses(&one.pace):
		one.finish(loyalty.Answer{}, loyalty.RefuseReached(one.reached))
	default:
		return false
	}
	return true
}

// undo lets a command count no more against limits: nothing happened. What it had
// counted for before stays, since then something may have.
func (w *worker) undo(one *waiter) {
	if undone, ok := one.reached.Undone(one.pace); ok {
		w.mu.Lock()
		w.undone = append(w.undone, undone)
		w.mu.Unlock()
	}
}

// exchange makes one trip to the guard. Whatever goes wrong there, the store
// decides; the guard bounds its own time and counts its own failures.
func (w *worker) exchange(ctx context.Context, asked loyalty.Asked) loyalty.Answered {
	w.mu.Lock()
	told := loyalty.Told{Done: w.done, Undone: w.undone}
	w.done, w.undone = nil, nil
	w.mu.Unlock()
	if told.IsEmpty() && asked.IsEmpty() {
		return loyalty.Answered{}
	}
	began := time.Now()
	ctx, span := tracing.Start(ctx, "guard exchange")
	answered, err := w.ledger.guard.Exchange(ctx, told, asked)
	tracing.End(span, err)
	w.ledger.config.Meter.Asked(time.Since(began))
	if err != nil || len(answered.Used) != len(asked.Claims) {
		answered.Used = make([]*loyalty.Outcome, len(asked.Claims))
	}
	if len(answered.Reached) != len(asked.Paced) {
		answered.Reached = make([]loyalty.Reached, len(asked.Paced))
	}
	return answered
}

// post commits a batch in its own time: nobody's departure cancels the others.
func (w *worker) post(b batch) {
	w.called = false
	defer w.callNext()
	defer tracing.End(b.span, nil)
	if len(b.waiters) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(b.within(context.Background()), w.ledger.config.Patience)
	defer cancel()
	w.commit(ctx, b.waiters)
}

// callNext lets the first stage gather the next batch, once per batch.
func (w *worker) callNext() {
	if !w.called {
		w.called = true
		w.turn <- struct{}{}
	}
}

// settle hands the answers out and remembers for the guard what was committed.
func (w *worker) settle(batch []*waiter, results []result) {
	w.mu.Lock()
	for i, one := range batch {
		if use := results[i].use; use != nil {
			w.done = append(w.done, loyalty.Outcome{
				Claim: loyalty.Claim{
					Merchant: one.command.Merchant, Nonce: use.Nonce, Action: use.Action, Owner: one.command.Request,
				},
				Scan: use.Scan, Till: use.Till, TillName: use.TillName, Entry: use.Entry, At: use.At,
			})
		}
	}
	w.mu.Unlock()
	for i, one := range batch {
		if results[i].err != nil {
			w.undo(one)
		}
		w.replayed(results[i].err)
		w.overridden(&one.command, results[i].decision)
		one.finish(results[i].answer, results[i].err)
	}
}

func fail(batch []*waiter, err error) {
	for _, one := range batch {
		one.finish(loyalty.Answer{}, err)
	}
}

// pause waits, or returns false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
