package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

// codesAtOnce is how many codes one transaction writes where all who write take turns:
// a till waits for the whole of it, which is some tens of milliseconds.
const codesAtOnce = 1000

// Who waits for SQLite's only writer in another process looks again ever more rarely
// (sqliteDefaultBusyCallback), after a tenth of a second each 25 ms. Who rests as long
// as its transaction took, and no less, lets it look.
const (
	shortestRest = 25 * time.Millisecond
	longestRest  = 100 * time.Millisecond
)

// giveWay leaves the only writer to others after a transaction that took so long.
func (s *Store) giveWay(ctx context.Context, took time.Duration) error {
	if !s.OneWriter() {
		return nil
	}
	return pause(ctx, min(max(took, shortestRest), longestRest))
}

// pause waits. Errors: loyalty.ErrUnavailable when ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return translate(ctx.Err(), false)
	}
}

// importInTurns is an import that leaves the only writer to others in between: codes come
// in portions that nobody sees until the last transaction opens the import. While it is
// on its way no other comes into the same pool, so what it has found there stays as it
// is, but for withdrawals: they break it off. So does whoever hears nothing of it for
// importLease, since then it is dead, or as good as. Of an import that was broken off
// the codes are removed by the next, or by Prune.
func (s *Store) importInTurns(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render RenderCodes) (loyalty.Answer, error) {
	answer, err := s.waitForPool(ctx, r, b)
	if err != nil || answer.Replayed {
		return answer, err
	}
	answer, err = s.importAlone(ctx, r, b, now, render)
	if err != nil { // whatever ctx says, so that nobody need wait for the lease
		_ = s.breakImport(context.WithoutCancel(ctx), b)
	}
	return answer, err
}

// waitForPool says that an import is on its way, when no other into the same pool is.
func (s *Store) waitForPool(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch) (loyalty.Answer, error) {
	const look = 100 * time.Millisecond
	errBusy := errors.New("another import into the pool is on its way")
	for {
		if _, err := s.clearImports(ctx); err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
			if err := tx.takesCodes(b); err != nil {
				return loyalty.Answer{}, err
			}
			var coming int64
			if _, err := scalars(tx.db.Raw("SELECT count(*) FROM code_imports WHERE reward_id = ? AND state <> 1", uid(b.Reward)), &coming); err != nil {
				return loyalty.Answer{}, err
			}
			if coming > 0 {
				return loyalty.Answer{}, errBusy
			}
			return loyalty.Answer{}, tx.beginImport(b, importComing)
		})
		if !errors.Is(err, errBusy) {
			return answer, err
		}
		if err := pause(ctx, look); err != nil {
			return loyalty.Answer{}, err
		}
	}
}

// importAlone is an import that is on its way. All that can be found out without the
// writer is found out before.
func (s *Store) importAlone(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render RenderCodes) (loyalty.Answer, error) {
	there, err := codesThere(s.engine.reader().WithContext(ctx), b)
	if err != nil {
		return loyalty.Answer{}, err
	}
	fresh := b.Without(there)
	if _, err := s.leftWith(ctx, b, fresh, now); err != nil {
		return loyalty.Answer{}, err
	}
	for part := range slices.Chunk(fresh, codesAtOnce) {
		if err := s.storePortion(ctx, b, part); err != nil {
			return loyalty.Answer{}, err
		}
	}
	left, err := s.leftWith(ctx, b, fresh, now)
	if err != nil {
		return loyalty.Answer{}, err
	}
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.renewImport(b, importOpen); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.lockPool(b.Merchant, b.Reward); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.dropSpentImports(b.Reward, now); err != nil {
			return loyalty.Answer{}, err
		}
		return render(there, left)
	})
}

// leftWith is how many codes can be handed out of a pool with those that come. Errors: a
// *loyalty.Refusal with loyalty.PoolFull.
func (s *Store) leftWith(ctx context.Context, b *loyalty.CodeBatch, fresh []loyalty.GiftCode, now time.Time) (int64, error) {
	left, err := codesLeft(s.engine.reader().WithContext(ctx), b.Reward, loyalty.MaxPool+1, now)
	for i := range fresh {
		if fresh[i].Good(now) {
			left++
		}
	}
	if err == nil && left > loyalty.MaxPool {
		err = loyalty.RefusePoolFull()
	}
	return left, err
}

// storePortion writes some of the codes of an import, and then gives way.
func (s *Store) storePortion(ctx context.Context, b *loyalty.CodeBatch, part []loyalty.GiftCode) error {
	start := time.Now()
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			if err := tx.renewImport(b, importComing); err != nil {
				return err
			}
			return tx.storeCodes(part)
		})
	})
	if err != nil {
		return fmt.Errorf("codes: %w", err)
	}
	return s.giveWay(ctx, time.Since(start))
}
