package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// PassesUnder is how many passes in Apple Wallet have a token that is made with a key.
// Their phones know no other, and a pass's token can never change.
func (s *Store) PassesUnder(ctx context.Context, kid string) (n int64, err error) {
	err = s.engine.reader().WithContext(ctx).Table("passes AS p").
		Where("p.key_id = ? AND p.wallet = ? AND p.removed_at = 0", kid, int64(loyalty.AppleWallet)).Count(&n).Error
	return n, translate(err, false)
}

// EndPassesUnder ends those passes, so that their cards get other ones when they are
// added again, and returns how many they were. Phones cannot be told: they would
// have to prove themselves with that token.
func (s *Store) EndPassesUnder(ctx context.Context, kid string, now time.Time) (int64, error) {
	return s.delete(ctx, "UPDATE passes SET removed_at = ?, due_at = 0 WHERE key_id = ? AND wallet = ? AND removed_at = 0",
		micros(now), kid, int64(loyalty.AppleWallet))
}
