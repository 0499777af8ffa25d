package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// lapseEvery is how often is looked for points that have run out: mostly there are
// some at midnight alone, of the location.
const lapseEvery = time.Minute

// lapse posts points that have run out until ctx ends.
func (s *server) lapse(ctx context.Context) {
	holder := loyalty.NewID()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lapseEvery):
		}
		began := time.Now()
		cards, err := s.ledger.LapseDue(ctx, s.store, holder)
		if cards > 0 {
			s.log.Info("points expired", slog.Int("cards", cards), slog.Duration("took", time.Since(began)))
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, ledger.ErrClosed) {
			s.log.Warn("points could not expire: reads show so, and it is tried again", slog.Any("error", err))
		}
	}
}
