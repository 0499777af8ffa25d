package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"stempel/internal/logs"
	"stempel/internal/loyalty"
)

// result is what became of one command of a batch.
type result struct {
	answer loyalty.Answer
	err    error

	decision *loyalty.Decision // decided now; nil for a refusal or an answer of before
	decided  time.Time
	use      *loyalty.Use // what it spent, if anything

	repeats bool // a request of this very batch …
	first   int  // … which stands there
}

// retryPause lets a restarting database or a rival transaction get on.
const retryPause = 50 * time.Millisecond

// maxConflicts is how often a lone command is decided anew because somebody else
// was first. Each time the facts are fresh, so one more is the rule.
const maxConflicts = 5

// commit posts a batch and settles it. A batch that violates a constraint, or
// has an answer that cannot be rendered, is halved until the culprit stands alone and is decided anew. After a commit whose
// outcome is unknown the same requests are posted again: what was committed is
// found by its request id, and the rest is done now.
func (w *worker) commit(ctx context.Context, batch []*waiter) {
	unknown := false
	for conflicts := 0; ; {
		results, err := w.attempt(ctx, batch)
		switch {
		case err == nil:
			w.settle(batch, results)
			return
		case (errors.Is(err, loyalty.ErrConflict) || errors.Is(err, errRender)) && len(batch) > 1:
			half := len(batch) / 2
			w.commit(ctx, batch[:half])
			w.commit(ctx, batch[half:])
			return
		case errors.Is(err, loyalty.ErrConflict):
			if conflicts++; conflicts > maxConflicts {
				w.giveUp(batch, unknown, fmt.Errorf("conflicts again and again: %w", err))
				return
			}
		case errors.Is(err, loyalty.ErrOutcomeUnknown):
			unknown = true
			if !pause(ctx, retryPause) {
				w.giveUp(batch, unknown, err)
				return
			}
		case unknown && errors.Is(err, loyalty.ErrUnavailable) && pause(ctx, retryPause):
			// still settling an unknown commit
		default:
			w.giveUp(batch, unknown, err)
			return
		}
	}
}

// giveUp tells the waiters. Where a commit may have gone through before, the
// honest word stays "unknown".
func (w *worker) giveUp(batch []*waiter, unknown bool, err error) {
	w.ledger.config.Log.Error("posting failed", slog.Int("commands", len(batch)), slog.Any("error", err))
	if unknown { // what may have happened counts, until the limit's time is over
		err = loyalty.ErrOutcomeUnknown
	} else {
		for _, one := range batch {
			w.undo(one)
		}
	}
	fail(batch, err)
}

func (w *worker) attempt(ctx context.Context, batch []*waiter) ([]result, error) {
	keys := loyalty.Keys{At: w.ledger.config.Now()}
	for _, one := range batch {
		keys.Add(&one.command)
	}
	results := make([]result, len(batch))
	var dirty []loyalty.Dirt
	way := w.depart(ctx)
	err := w.ledger.store.Post(ctx, keys, func(facts *loyalty.Facts) loyalty.Writes {
		way.arrived()
		writes := loyalty.Writes{Late: func() ([]loyalty.Answer, error) { return w.renderAll(batch, results) }}
		now := w.ledger.config.Now().UTC().Truncate(time.Microsecond)
		for i, one := range batch {
			results[i] = w.decide(facts, &writes, one, now)
			if results[i].repeats {
				results[i].first = firstOf(batch[:i], one.command.Request)
			}
		}
		dirty = writes.Dirty
		w.callNext()
		way.goOn()
		return writes
	})
	way.done(err)
	if err == nil && len(dirty) > 0 {
		w.ledger.config.Changed(dirty)
	}
	return results, err
}

// decide settles one command against the facts, and lets the rest of the batch
// see what it changed. A panic fails this command only: facts and writes are
// touched after everything that could panic.
func (w *worker) decide(facts *loyalty.Facts, writes *loyalty.Writes, one *waiter, now time.Time) (r result) {
	defer w.recover("deciding", &r.err)
	c := &one.command
	named := c.Request != (loyalty.RequestID{})
	if before, ok := facts.Answers[c.Request]; ok && named {
		return repeat(before, c)
	}
	decision, err := loyalty.Decide(facts, c, now, w.ledger.config.NewID)
	if err != nil {
		return result{err: err}
	}
	facts.Apply(decision)
	if c.TellsOffers() {
		decision.Short = facts.Shortages(decision.Card.ID, now)
	}
	if named {
		facts.Answers[c.Request] = loyalty.Answer{BodyHash: c.BodyHash} // the rest is rendered later
	}
	writes.Add(decision)
	writes.Mark(facts, decision, now)
	r = result{decision: decision, decided: now}
	if len(decision.Uses) > 0 {
		use := decision.Uses[0]
		use.TillName = facts.Tills[use.Till].Name
		r.use = &use
	}
	return r
}

// errRender says that a command was decided and cannot be answered. The batch
// was decided as if it could: it has to be decided without it.
var errRender = errors.New("rendering an answer failed")

// renderAll makes the answers of a decided batch, on all processors: signing them
// is most of what a batch costs here, and everybody in it waits.
func (w *worker) renderAll(batch []*waiter, results []result) ([]loyalty.Answer, error) {
	var next atomic.Int64
	var rendering sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(results)) {
		rendering.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(results); i = next.Add(1) - 1 {
				if r := &results[i]; r.decision != nil {
					r.answer, r.err = w.render(batch[i], r)
				}
			}
		})
	}
	rendering.Wait()
	answers := make([]loyalty.Answer, 0, len(batch))
	for i := range results {
		r := &results[i]
		switch {
		case r.decision != nil && r.err != nil:
			return nil, fmt.Errorf("%w: %w", errRender, r.err)
		case r.decision != nil && r.answer.Request == (loyalty.RequestID{}): // nobody will ask again
		case r.decision != nil:
			answers = append(answers, r.answer)
		case r.repeats:
			r.answer = results[r.first].answer
			r.answer.Replayed = true
		}
	}
	return answers, nil
}

func (w *worker) render(one *waiter, r *result) (answer loyalty.Answer, err error) {
	defer w.recover("rendering", &err)
	answer, err = one.render(r.decision)
	c := &one.command
	answer.Request, answer.BodyHash, answer.Card = c.Request, c.BodyHash, c.Card
	answer.Expires = r.decided.Add(loyalty.AnswerLife)
	return answer, err
}

// recover turns a panic into an error of whom it hit.
func (w *worker) recover(doing string, err *error) {
	if panicked := recover(); panicked != nil {
		w.ledger.config.Log.Error(doing+" panicked", logs.Panic(panicked), slog.String("stack", string(debug.Stack())))
		*err = fmt.Errorf("%s a command panicked", doing)
	}
}

// firstOf is which command of the batch made the request first.
func firstOf(batch []*waiter, request loyalty.RequestID) int {
	for i, one := range batch {
		if one.command.Request == request {
			return i
		}
	}
	return -1 // cannot be: decide has seen it
}

// repeat answers a request that was answered before.
func repeat(before loyalty.Answer, c *loyalty.Command) result {
	if err := before.CheckBody(c.BodyHash); err != nil {
		return result{err: err}
	}
	if before.Status == 0 { // made in this batch, and not rendered yet
		return result{repeats: true}
	}
	if err := before.CheckKept(); err != nil {
		return result{err: err}
	}
	before.Replayed = true
	return result{answer: before}
}
