package ledger

import (
	"context"
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

	mu   sync.Mutex
	done []loyalty.Outcome // committed, and not yet told to the guard
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
				w.exchange(context.Background(), nil)
			}
		}
	}
}

// commitAll is the second stage.
func (w *worker) commitAll() {
	for batch := range w.ready {
		w.post(batch)
		select {
		case w.untold <- struct{}{}:
		default:
		}
	}
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

// claim asks the guard, in one trip that also tells it of earlier commits, and
// answers the replays that it knows. It returns the rest.
func (w *worker) claim(b batch) batch {
	claims := make([]loyalty.Claim, 0, len(b.waiters))
	claimants := make([]*waiter, 0, len(b.waiters))
	for _, one := range b.waiters {
		if c := &one.command; c.Scan.Nonce != (loyalty.Nonce{}) {
			claims = append(claims, loyalty.Claim{Merchant: c.Merchant, Nonce: c.Scan.Nonce, Action: c.Kind(), Owner: c.Request})
			claimants = append(claimants, one)
		}
	}
	if len(claims) == 0 {
		return b
	}
	used := w.exchange(b.within(context.Background()), claims)
	rest := b.waiters[:0]
	next := 0
	for _, one := range b.waiters {
		if next < len(claimants) && claimants[next] == one {
			outcome := used[next]
			next++
			if c := &one.command; outcome != nil {
				w.ledger.config.Meter.Replay(true)
				one.finish(loyalty.Answer{}, loyalty.RefuseUsed(outcome.Use(c.Card), &c.Scan, c.Till))
				continue
			}
		}
		rest = append(rest, one)
	}
	b.waiters = rest
	return b
}

// exchange makes one trip to the guard. Whatever goes wrong there, the store
// decides; the guard bounds its own time and counts its own failures.
func (w *worker) exchange(ctx context.Context, claims []loyalty.Claim) []*loyalty.Outcome {
	w.mu.Lock()
	done := w.done
	w.done = nil
	w.mu.Unlock()
	if len(done) == 0 && len(claims) == 0 {
		return nil
	}
	began := time.Now()
	ctx, span := tracing.Start(ctx, "guard exchange")
	used, err := w.ledger.guard.Exchange(ctx, done, claims)
	tracing.End(span, err)
	w.ledger.config.Meter.Asked(time.Since(began))
	if err != nil || len(used) != len(claims) {
		return make([]*loyalty.Outcome, len(claims))
	}
	return used
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
		w.replayed(results[i].err)
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
