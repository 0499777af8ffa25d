package passes

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"stempel/internal/loyalty"
)

// Board is where cards that changed are marked, and what shows them is kept;
// internal/store implements it.
type Board interface {
	Waiting(ctx context.Context) (cards int64, since time.Time, err error)
	Dirty(ctx context.Context, after loyalty.Dirt, limit int) ([]loyalty.Dirt, error)
	PassesOf(ctx context.Context, card loyalty.CardID) ([]loyalty.Pass, error)
	Settle(ctx context.Context, turns []loyalty.Turn, add func(*sql.Tx, []loyalty.Pass) error) error
	MarkDue(ctx context.Context, now time.Time, limit int) error
	MarkTouched(ctx context.Context, now time.Time, limit int) (more bool, err error)
}

// Look is what a pass shows now.
type Look struct {
	Version  [16]byte       // of all that can be seen
	Due      time.Time      // when that changes although nothing happens; zero: never
	Survivor loyalty.CardID // of a card that was merged into another one
}

// FanoutConfig of a Fanout. Every, Batch and Now have defaults.
type FanoutConfig struct {
	Board Board
	Look  func(context.Context, *loyalty.Pass) (Look, error)
	Jobs  func(context.Context, *sql.Tx, []loyalty.Pass) error // puts down what has to be done for passes that changed
	Tell  func(...loyalty.CardID)                              // open pages

	Every time.Duration // how often it looks for marks of other processes. Default 1 s
	Batch int           // cards per transaction. Default 64
	Now   func() time.Time
	Log   *slog.Logger
}

// Fanout turns marks into updates: for each card that changed it finds out what its
// passes show now, and has the wallets told that show something else. A card that
// changed ten times meanwhile is one update. It works in every process; each mark
// is settled by one of them.
type Fanout struct {
	FanoutConfig
	nudged chan struct{}
}

// NewFanout makes a fan-out; Run works.
func NewFanout(c FanoutConfig) *Fanout {
	if c.Every == 0 {
		c.Every = time.Second
	}
	if c.Batch == 0 {
		c.Batch = 64
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Fanout{c, make(chan struct{}, 1)}
}

// Nudge says that there is a mark: it need not be looked for. It never blocks.
func (f *Fanout) Nudge() {
	select {
	case f.nudged <- struct{}{}:
	default:
	}
}

// Run works until ctx ends.
func (f *Fanout) Run(ctx context.Context) {
	tick := time.NewTicker(f.Every)
	defer tick.Stop()
	for {
		if err := f.Round(ctx); err != nil && ctx.Err() == nil {
			f.Log.Warn("passes: a round of updates failed", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.nudged:
		}
	}
}

// Bounds of what a round marks: passes whose time has come, and passes of programs
// that changed as a whole. Whatever a till marks meanwhile waits behind no more.
const (
	dueAtOnce     = 1000
	touchedAtOnce = 500
)

// Round settles every mark that is there when it begins, or finds out why not. It
// takes no more of them than that, counted rather than by time, since clocks differ:
// what is marked meanwhile, in however steady a stream, has the next round.
func (f *Fanout) Round(ctx context.Context) error {
	if err := f.Board.MarkDue(ctx, f.Now(), dueAtOnce); err != nil {
		return err
	}
	more, err := f.Board.MarkTouched(ctx, f.Now(), touchedAtOnce)
	if err != nil {
		return err
	}
	if more {
		f.Nudge() // the next round goes on with them
	}
	left, _, err := f.Board.Waiting(ctx)
	if err != nil {
		return err
	}
	var last loyalty.Dirt
	for left > 0 && ctx.Err() == nil {
		batch, err := f.Board.Dirty(ctx, last, int(min(left, int64(f.Batch))))
		if err != nil || len(batch) == 0 {
			return err
		}
		turns := f.look(ctx, batch)
		if err := f.Board.Settle(ctx, turns, func(tx *sql.Tx, changed []loyalty.Pass) error {
			return f.Jobs(ctx, tx, changed)
		}); err != nil {
			return err
		}
		for _, turn := range turns {
			f.Tell(turn.Dirt.Card)
		}
		left, last = left-int64(len(batch)), batch[len(batch)-1]
	}
	return ctx.Err()
}

// lookers is how many cards are looked at at the same time.
const lookers = 4

// look finds out what became of dirty cards. A card that cannot be looked at stays
// dirty, and keeps no other from its turn.
func (f *Fanout) look(ctx context.Context, batch []loyalty.Dirt) []loyalty.Turn {
	var mu sync.Mutex
	turns := make([]loyalty.Turn, 0, len(batch))
	next := make(chan loyalty.Dirt)
	var looking sync.WaitGroup
	for range min(lookers, len(batch)) {
		looking.Go(func() {
			for dirt := range next {
				turn, err := f.turn(ctx, dirt)
				if err != nil {
					if ctx.Err() == nil {
						f.Log.Error("passes: a card cannot be shown", slog.String("card", dirt.Card.String()), slog.Any("error", err))
					}
					continue
				}
				mu.Lock()
				turns = append(turns, turn)
				mu.Unlock()
			}
		})
	}
	for _, dirt := range batch {
		next <- dirt
	}
	close(next)
	looking.Wait()
	return turns
}

func (f *Fanout) turn(ctx context.Context, dirt loyalty.Dirt) (loyalty.Turn, error) {
	turn := loyalty.Turn{Dirt: dirt}
	all, err := f.Board.PassesOf(ctx, dirt.Card)
	if err != nil {
		return turn, err
	}
	for _, p := range all {
		if !p.Removed.IsZero() {
			if p.Shown != loyalty.Ended { // its wallet is told once, whatever became of the card
				p.Change(loyalty.Ended, f.Now().UTC().Truncate(time.Microsecond))
				turn.Changed = append(turn.Changed, p)
			}
			continue
		}
		look, err := f.Look(ctx, &p)
		if err != nil {
			return turn, err
		}
		if !look.Survivor.IsZero() {
			turn.Survivor = look.Survivor // whose turn comes, with these passes
			return turn, nil
		}
		due := p.Due
		p.Due = look.Due
		switch {
		case p.Shown != look.Version:
			p.Change(look.Version, f.Now().UTC().Truncate(time.Microsecond))
			turn.Changed = append(turn.Changed, p)
		case !due.Equal(p.Due):
			turn.Quiet = append(turn.Quiet, p)
		}
	}
	return turn, nil
}
