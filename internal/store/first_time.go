package store

import (
	"bytes"
	"context"

	"stempel/internal/loyalty"
)

// FirstTime reports whether whoever r's Body names, as JSON, is the first to make a
// request, which it remembers until r's Expires. Whoever is stays so, asked again: what
// was begun can be tried again. Of several at the same time one is. Errors: as of Once.
func (s *Store) FirstTime(ctx context.Context, r loyalty.Answer) (bool, error) {
	answer, err := s.Once(ctx, r, func(*Tx) (loyalty.Answer, error) {
		return loyalty.Answer{Status: 200, Body: r.Body}, nil
	})
	return err == nil && bytes.Equal(answer.Body, r.Body), err
}
