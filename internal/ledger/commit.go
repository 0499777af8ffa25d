package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"stempel/internal/loyalty"
)

// result is what became of one command of a batch.
type result struct {
	answer loyalty.Answer
	err    error
	use    *loyalty.Use // what it spent, if anything
}

// retryPause lets a restarting database or a rival transaction get on.
const retryPause = 50 * time.Millisecond

// maxConflicts is how often a lone command is decided anew because somebody else
// was first. Each time the facts are fresh, so one more is the rule.
const maxConflicts = 5

// commit posts a batch and settles it. A batch that violates a constraint is
// halved until the culprit stands alone and is decided anew. After a commit whose
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
		case errors.Is(err, loyalty.ErrConflict) && len(batch) > 1:
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
	if unknown {
		err = loyalty.ErrOutcomeUnknown
	}
	fail(batch, err)
}

func (w *worker) attempt(ctx context.Context, batch []*waiter) ([]result, error) {
	var keys loyalty.Keys
	for _, one := range batch {
		keys.Add(&one.command)
	}
	results := make([]result, len(batch))
	err := w.ledger.store.Post(ctx, keys, func(facts *loyalty.Facts) loyalty.Writes {
		var writes loyalty.Writes
		now := w.ledger.config.Now().UTC().Truncate(time.Microsecond)
		for i, one := range batch {
			results[i] = w.decide(facts, &writes, one, now)
		}
		w.callNext()
		return writes
	})
	return results, err
}

// decide settles one command against the facts, and lets the rest of the batch
// see what it changed. A panic fails this command only: facts and writes are
// touched after everything that could panic.
func (w *worker) decide(facts *loyalty.Facts, writes *loyalty.Writes, one *waiter, now time.Time) (r result) {
	defer func() {
		if panicked := recover(); panicked != nil {
			w.ledger.config.Log.Error("deciding panicked", slog.Any("panic", panicked), slog.String("stack", string(debug.Stack())))
			r = result{err: errors.New("deciding a command panicked")}
		}
	}()
	c := &one.command
	if before, ok := facts.Answers[c.Request]; ok {
		return repeat(before, c)
	}
	decision, err := loyalty.Decide(facts, c, now, loyalty.NewID)
	if err != nil {
		return result{err: err}
	}
	answer, err := one.render(decision)
	if err != nil {
		return result{err: fmt.Errorf("render: %w", err)}
	}
	answer.Request, answer.BodyHash, answer.Card = c.Request, c.BodyHash, c.Card
	answer.Expires = now.Add(answerLife)

	facts.Apply(decision)
	facts.Answers[c.Request] = answer
	writes.Add(decision)
	writes.Answers = append(writes.Answers, answer)
	r = result{answer: answer}
	if len(decision.Uses) > 0 {
		use := decision.Uses[0]
		use.TillName = facts.Tills[use.Till].Name
		r.use = &use
	}
	return r
}

// repeat answers a request that was answered before.
func repeat(before loyalty.Answer, c *loyalty.Command) result {
	if before.BodyHash != c.BodyHash {
		return result{err: &loyalty.Refusal{
			Code:    loyalty.KeyReused,
			Message: "This Idempotency-Key was used for another request. Use a new key for each new request.",
		}}
	}
	before.Replayed = true
	return result{answer: before}
}
