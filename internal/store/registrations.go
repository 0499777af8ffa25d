package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

type registrationRow struct {
	Device    []byte
	PassID    uid
	PushToken string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ChangedAt int64
}

func (registrationRow) TableName() string { return "registrations" }

const registrationColumns = "device bytea, pass_id uuid, push_token text, created_at bigint, changed_at bigint"

func getRegistration(r source) loyalty.Registration {
	return loyalty.Registration{
		Device: r.hash(), Pass: r.id(), PushToken: r.text(), Created: fromMicros(r.number()), Changed: fromMicros(r.number()),
	}
}

// Register notes that a phone wants to be told of a pass, or that its push token
// is another one now, and that something shows the card. It reports whether the
// phone is new to the pass. The oldest phones beyond loyalty.MaxRegistrations are
// forgotten. Errors: loyalty.ErrNotFound for a pass that has ended.
func (s *Store) Register(ctx context.Context, p loyalty.Pass, device loyalty.Hash, pushToken string, now time.Time) (created bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			if _, err := tx.lockCard(p.Merchant, p.Card); err != nil {
				return err
			}
			if err := tx.standing(p.ID); err != nil {
				return err
			}
			known := tx.db.Table("registrations").Where("device = ? AND pass_id = ?", device[:], uid(p.ID)).Update("push_token", pushToken)
			if known.Error != nil {
				return translate(known.Error, false)
			}
			if created = known.RowsAffected == 0; !created {
				return nil
			}
			row := registrationRow{Device: device[:], PassID: uid(p.ID), PushToken: pushToken, CreatedAt: micros(now), ChangedAt: micros(now)}
			if err := tx.create(&row); err != nil {
				return err
			}
			if err := tx.exec("DELETE FROM registrations WHERE pass_id = ? AND device NOT IN (SELECT device FROM registrations "+
				"WHERE pass_id = ? ORDER BY created_at DESC, device LIMIT ?)", uid(p.ID), uid(p.ID), loyalty.MaxRegistrations); err != nil {
				return err
			}
			return tx.watch(p.Card, loyalty.WatchedForEver, now)
		})
	})
	return created, err
}

// Unregister forgets that a phone wants to be told of a pass. With the last one,
// nothing in Apple Wallet shows the card any longer.
func (s *Store) Unregister(ctx context.Context, p loyalty.Pass, device loyalty.Hash) error {
	return s.forget(ctx, p, "device", device[:])
}

// ForgetPushToken is Unregister for who knows only that a push token is no phone's
// any longer.
func (s *Store) ForgetPushToken(ctx context.Context, p loyalty.Pass, pushToken string) error {
	return s.forget(ctx, p, "push_token", pushToken)
}

func (s *Store) forget(ctx context.Context, p loyalty.Pass, column string, value any) error {
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			if _, err := tx.lockCard(p.Merchant, p.Card); err != nil {
				return err
			}
			if err := tx.exec("DELETE FROM registrations WHERE pass_id = ? AND "+column+" = ?", uid(p.ID), value); err != nil {
				return err
			}
			return tx.leave(p.Card)
		})
	})
}

// Registered are the passes of a phone that it was to be told of after a time,
// those it was told of first in front. Nobody is told whose they are.
func (s *Store) Registered(ctx context.Context, device loyalty.Hash, since time.Time, limit int) ([]loyalty.Registration, error) {
	return all(s.engine.reader().WithContext(ctx).Table("registrations AS r").Select(selected("r", registrationColumns)).
		Where("r.device = ? AND r.changed_at > ?", device[:], micros(since)).
		Order("r.changed_at").Limit(limit), getRegistration)
}

// Registration is how a phone is told of a pass, and of which change it was to be told
// last. Errors: loyalty.ErrNotFound for a phone that is no longer to be told.
func (s *Store) Registration(ctx context.Context, pass loyalty.PassID, device loyalty.Hash) (loyalty.Registration, error) {
	return first(s.engine.reader().WithContext(ctx).Table("registrations AS r").Select(selected("r", registrationColumns)).
		Where("r.device = ? AND r.pass_id = ?", device[:], uid(pass)), getRegistration)
}

// Announce notes that the phones of a pass are to be told that it changed, and
// returns them. To each phone the change is later than all that it was told of
// before, whatever the clocks of several processes say: what a phone asks for
// next, by the time of the last it has seen, holds it.
func (s *Store) Announce(ctx context.Context, pass loyalty.PassID, now time.Time) (told []loyalty.Registration, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			// All of the phones' registrations are locked in one order, so that
			// what is committed later is later.
			list, err := all(tx.db.Table("registrations AS r").Clauses(clause.Locking{Strength: "UPDATE"}).
				Select(selected("r", registrationColumns)).
				Where("r.device IN (SELECT device FROM registrations WHERE pass_id = ?)", uid(pass)).
				Order("r.device, r.pass_id"), getRegistration)
			if err != nil {
				return err
			}
			told, err = tx.announce(list, pass, now)
			return err
		})
	})
	return told, err
}

func (tx *Tx) announce(list []loyalty.Registration, pass loyalty.PassID, now time.Time) (told []loyalty.Registration, err error) {
	next := map[loyalty.Hash]time.Time{} // per phone
	for _, r := range list {
		if after := r.Changed.Add(time.Microsecond); after.After(next[r.Device]) {
			next[r.Device] = after
		}
	}
	for _, r := range list {
		if r.Pass != pass {
			continue
		}
		if r.Changed = next[r.Device]; now.After(r.Changed) {
			r.Changed = now
		}
		if err := tx.exec("UPDATE registrations SET changed_at = ? WHERE device = ? AND pass_id = ?",
			micros(r.Changed), r.Device[:], uid(pass)); err != nil {
			return nil, err
		}
		told = append(told, r)
	}
	return told, nil
}
