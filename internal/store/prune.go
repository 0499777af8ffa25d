package store

import (
	"context"
	"time"
)

// pruned is how many rows one statement deletes at most, so that none runs long.
// There is no index on the time: it would cost every scan more than reading a
// table through costs once in ten minutes.
const pruned = 50_000

// Prune deletes spent nonces and answers of requests that expired before now,
// and returns how many.
func (s *Store) Prune(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, statement := range []string{
		"DELETE FROM spent WHERE (nonce, action) IN (SELECT nonce, action FROM spent WHERE expires_at <= ? LIMIT ?)",
		"DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE expires_at <= ? LIMIT ?)",
	} {
		for {
			n, err := s.delete(ctx, statement, micros(now), pruned)
			total += n
			if err != nil {
				return total, err
			}
			if n < pruned {
				break
			}
		}
	}
	return total, s.engine.wipe(ctx, false)
}

func (s *Store) delete(ctx context.Context, statement string, values ...any) (rows int64, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			done := tx.db.Exec(statement, values...)
			rows = done.RowsAffected
			return done.Error
		})
	})
	if err != nil {
		return 0, err
	}
	return rows, nil
}
