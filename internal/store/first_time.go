package store

import (
	"context"

	"stempel/internal/loyalty"
)

// FirstTime reports whether a request, which it remembers until r's Expires, is made for
// the first time. Of several at the same time one is. Errors: as of Once.
func (s *Store) FirstTime(ctx context.Context, r loyalty.Answer) (bool, error) {
	answer, err := s.Once(ctx, r, func(*Tx) (loyalty.Answer, error) {
		return loyalty.Answer{Status: 200, Body: []byte("{}")}, nil
	})
	return err == nil && !answer.Replayed, err
}
