package store

import (
	"context"
	"time"

	"stempel/internal/loyalty"
)

// ProgramOwner is whose program it is: whoever opens a join page knows no more
// than its id. Errors: loyalty.ErrNotFound.
func (s *Store) ProgramOwner(ctx context.Context, id loyalty.ProgramID) (loyalty.MerchantID, error) {
	return first(s.engine.reader().WithContext(ctx).Table("programs AS p").Select("p.merchant_id").Where("p.id = ?", uid(id)),
		func(r source) loyalty.MerchantID { return r.id() })
}

// EraseCard deletes what is kept beside a card that is nobody's: details of its
// entries, notes, devices with their tokens and secrets, and stored answers. The
// card stays, with its entries, and nothing opens it any more; so does the one that
// it was merged into. For a member's use
// EraseMember. Errors: loyalty.ErrNotFound for another merchant's card.
func (s *Store) EraseCard(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, now time.Time) error {
	err := again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			line, err := tx.lockLine(m, card)
			for i := 0; i < len(line) && err == nil; i++ {
				err = tx.eraseBeside(line[i].ID, now)
			}
			return err
		})
	})
	if err == nil {
		_ = s.engine.wipe(ctx, true) // it is done; Prune wipes what cannot be wiped now
	}
	return err
}
