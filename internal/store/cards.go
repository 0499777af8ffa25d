package store

import (
	"context"
	"slices"

	"stempel/internal/loyalty"
)

// bulk is how many cards go into one transaction.
const bulk = 5000

// InsertCards stores many new cards, as an import does. Each transaction holds a
// few thousand: after an error, those before it are there.
func (s *Store) InsertCards(ctx context.Context, cards []loyalty.Card) error {
	for some := range slices.Chunk(cards, bulk) {
		err := s.engine.within(ctx, func(tx *Tx) error { return tx.insertCards(some) })
		if err != nil {
			return err
		}
	}
	return nil
}
