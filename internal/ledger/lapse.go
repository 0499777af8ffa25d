package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"stempel/internal/loyalty"
)

// Calendar knows which points have run out. Of several processes one at a time has
// the turn at a piece of work.
type Calendar interface {
	DueLots(ctx context.Context, now time.Time, after loyalty.Due, limit int) ([]loyalty.Due, error)
	TakeTurn(ctx context.Context, work string, holder [16]byte, now, until time.Time) (bool, error)
}

// How points expire beside scans: a few cards at a time, which join the batches of
// tills, and then a rest of twice the time that those took. The more tills wait, the
// slower it goes.
const (
	lapsePage     = 512
	lapseTogether = 32
	lapseRest     = 2
	lapseTurn     = time.Minute
)

// LapseDue posts what has run out on all cards, once through, and returns how many
// cards it has posted to. It ends early, without an error, where another process is
// at it already. What a card's own next action has posted meanwhile is passed over.
// Errors: as of the calendar; what Post returns but a refusal.
func (l *Ledger) LapseDue(ctx context.Context, c Calendar, holder [16]byte) (cards int, err error) {
	now := l.config.Now().UTC().Truncate(time.Microsecond)
	var until time.Time // of the turn
	for after := (loyalty.Due{}); ; {
		due, err := c.DueLots(ctx, now, after, lapsePage)
		if err != nil || len(due) == 0 {
			return cards, err
		}
		for len(due) > 0 {
			if at := l.config.Now(); until.Sub(at) < lapseTurn/2 {
				until = at.Add(lapseTurn)
				if has, err := c.TakeTurn(ctx, "lapse", holder, at, until); err != nil || !has {
					return cards, err
				}
			}
			some := due[:min(lapseTogether, len(due))]
			due, after = due[len(some):], some[len(some)-1]
			began := time.Now()
			posted, err := l.lapse(ctx, some)
			cards += posted
			if err != nil {
				return cards, err
			}
			if !pause(ctx, lapseRest*time.Since(began)) {
				return cards, ctx.Err()
			}
		}
	}
}

// lapse posts to a few cards at once.
func (l *Ledger) lapse(ctx context.Context, due []loyalty.Due) (posted int, err error) {
	var posting sync.WaitGroup
	errs := make([]error, len(due))
	for i, d := range due {
		c := loyalty.Command{Merchant: d.Merchant, Card: d.Card, Do: loyalty.Lapse{}, Captured: l.config.Now().UTC().Truncate(time.Microsecond)}
		posting.Go(func() { _, errs[i] = l.Post(ctx, c, noAnswer) })
	}
	posting.Wait()
	for i, failed := range errs {
		var refusal *loyalty.Refusal
		switch {
		case failed == nil:
			posted++
		case !errors.As(failed, &refusal):
			err = errors.Join(err, fmt.Errorf("%s: %w", due[i].Card, failed))
		}
	}
	return posted, err
}

// noAnswer is what nobody waits for.
func noAnswer(*loyalty.Decision) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
