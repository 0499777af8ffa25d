package ledger

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// worker posts the commands of its queue, one batch at a time.
type worker struct {
	ledger *Ledger
	queue  chan *waiter
	done   []loyalty.Outcome // committed, and not yet told to the guard
}

func (w *worker) run() {
	for first := range w.queue {
		batch := w.gather(first)
		w.post(batch)
		if len(w.queue) == 0 {
			w.tellGuard()
		}
	}
}

// gather takes what waits, in order of arrival, up to the size of a batch.
func (w *worker) gather(first *waiter) []*waiter {
	batch := take(make([]*waiter, 0, 1+len(w.queue)), first)
	for len(batch) < w.ledger.config.Batch {
		select {
		case next, open := <-w.queue:
			if !open {
				return batch
			}
			batch = take(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// take adds a command unless its asker has left.
func take(batch []*waiter, next *waiter) []*waiter {
	if next.stage.CompareAndSwap(queued, taken) {
		return append(batch, next)
	}
	return batch
}

func (w *worker) post(batch []*waiter) {
	// The batch's own time: nobody's departure cancels the others.
	ctx, cancel := context.WithTimeout(context.Background(), w.ledger.config.Patience)
	defer cancel()
	if batch = w.claim(ctx, batch); len(batch) > 0 {
		w.commit(ctx, batch)
	}
}

// claim asks the guard, in one trip that also tells it of the batch before, and
// answers the replays that it knows. It returns the rest.
func (w *worker) claim(ctx context.Context, batch []*waiter) []*waiter {
	claims := make([]loyalty.Claim, 0, len(batch))
	claimants := make([]*waiter, 0, len(batch))
	for _, one := range batch {
		if c := &one.command; c.Scan.Nonce != (loyalty.Nonce{}) {
			claims = append(claims, loyalty.Claim{Nonce: c.Scan.Nonce, Action: c.Kind(), Owner: c.Request})
			claimants = append(claimants, one)
		}
	}
	if len(claims) == 0 {
		return batch
	}
	used := w.exchange(ctx, claims)
	rest := batch[:0]
	next := 0
	for _, one := range batch {
		if next < len(claimants) && claimants[next] == one {
			outcome := used[next]
			next++
			if c := &one.command; outcome != nil {
				one.finish(loyalty.Answer{}, loyalty.RefuseUsed(outcome.Use(c.Card), &c.Scan, c.Till))
				continue
			}
		}
		rest = append(rest, one)
	}
	return rest
}

// exchange makes one trip to the guard. Whatever goes wrong there, the store
// decides; the guard counts its own failures.
func (w *worker) exchange(ctx context.Context, claims []loyalty.Claim) []*loyalty.Outcome {
	used, err := w.ledger.guard.Exchange(ctx, w.done, claims)
	w.done = w.done[:0]
	if err != nil || len(used) != len(claims) {
		return make([]*loyalty.Outcome, len(claims))
	}
	return used
}

// tellGuard passes outcomes on when no next batch is there to carry them.
func (w *worker) tellGuard() {
	if len(w.done) > 0 {
		w.exchange(context.Background(), nil)
	}
}

// settle hands the answers out and remembers for the guard what was committed.
func (w *worker) settle(batch []*waiter, results []result) {
	for i, one := range batch {
		if use := results[i].use; use != nil {
			w.done = append(w.done, loyalty.Outcome{
				Claim: loyalty.Claim{Nonce: use.Nonce, Action: use.Action, Owner: one.command.Request},
				Scan:  use.Scan, Till: use.Till, TillName: use.TillName, Entry: use.Entry, At: use.At,
			})
		}
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
