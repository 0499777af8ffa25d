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
// at it already. What a card's own next action has posted meanwhile is passed over,
// and what cannot be posted to one card keeps no other waiting.
// Errors: as of the calendar, and ErrClosed, which end it; what else Post returns but
// a refusal, joined for the first few cards.
func (l *Ledger) LapseDue(ctx context.Context, c Calendar, holder [16]byte) (cards int, err error) {
	now := l.config.Now().UTC().Truncate(time.Microsecond)
	var until time.Time // of the turn
	var failed troubles
	defer func() { err = errors.Join(failed.err(), err) }()
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
			posted, err := l.lapse(ctx, some, &failed)
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

// lapse posts to a few cards at once, and once more to each alone that could not be
// posted to: what fails may be another one of its batch. Errors: ErrClosed, with
// which all is over.
func (l *Ledger) lapse(ctx context.Context, due []loyalty.Due, failed *troubles) (posted int, over error) {
	var posting sync.WaitGroup
	errs := make([]error, len(due))
	for i, d := range due {
		posting.Go(func() { errs[i] = l.lapseOne(ctx, d) })
	}
	posting.Wait()
	for i, err := range errs {
		if broken(err) {
			err = l.lapseOne(ctx, due[i])
		}
		switch {
		case err == nil:
			posted++
		case errors.Is(err, ErrClosed):
			return posted, err
		case broken(err):
			failed.add(fmt.Errorf("%s: %w", due[i].Card, err))
		}
	}
	return posted, nil
}

func (l *Ledger) lapseOne(ctx context.Context, d loyalty.Due) error {
	c := loyalty.Command{Merchant: d.Merchant, Card: d.Card, Do: loyalty.Lapse{}, Captured: l.config.Now().UTC().Truncate(time.Microsecond)}
	_, err := l.Post(ctx, c, noAnswer)
	return err
}

// broken reports whether something else than the rules has stopped a posting.
func broken(err error) bool {
	var refusal *loyalty.Refusal
	return err != nil && !errors.As(err, &refusal)
}

// troubles are the errors of one round, of which the first few are told.
type troubles struct {
	told []error
	more int
}

const lapseTold = 10

func (t *troubles) add(err error) {
	if len(t.told) == lapseTold {
		t.more++
		return
	}
	t.told = append(t.told, err)
}

func (t *troubles) err() error {
	if t.more == 0 {
		return errors.Join(t.told...)
	}
	return errors.Join(append(t.told, fmt.Errorf("and %d more cards", t.more))...)
}

// noAnswer is what nobody waits for.
func noAnswer(*loyalty.Decision) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
