package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// entries reads everything that the ledger has on some cards.
func (s *shop) entries(ctx context.Context, cards []loyalty.CardID) (all []loyalty.Entry, err error) {
	db, err := store.Open(ctx, s.url, store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, card := range cards {
		of, err := db.Entries(ctx, s.tills[0].Merchant, card, 0, math.MaxInt32)
		if err != nil {
			return nil, fmt.Errorf("the entries of %v: %w", card, err)
		}
		all = append(all, of...)
	}
	return all, nil
}

// earns is how many entries brought units in.
func earns(entries []loyalty.Entry) int {
	n := 0
	for i := range entries {
		if entries[i].Kind == loyalty.Earn {
			n++
		}
	}
	return n
}
