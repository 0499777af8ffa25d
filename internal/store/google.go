package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

const googleColumns = "inserted_at bigint, saved_at bigint, told_at bigint, waiting_since bigint, " +
	"notified_1 bigint, notified_2 bigint, notified_3 bigint, deleted_at bigint, pass_id uuid, sent bytea"

func getGoogleObject(r source) loyalty.GoogleObject {
	o := loyalty.GoogleObject{
		Inserted: fromMicros(r.number()), Saved: fromMicros(r.number()), Told: fromMicros(r.number()), Waiting: fromMicros(r.number()),
	}
	for i := range o.Notified {
		o.Notified[i] = fromMicros(r.number())
	}
	o.Deleted, o.Pass = fromMicros(r.number()), r.id()
	copy(o.Sent[:], r.bytes())
	return o
}

// GoogleObject is what Google has of a pass. Of one that was never sent only the
// pass is known.
func (s *Store) GoogleObject(ctx context.Context, pass loyalty.PassID) (loyalty.GoogleObject, error) {
	o, err := first(s.engine.reader().WithContext(ctx).Table("google_objects AS g").
		Select(selected("g", googleColumns)).Where("g.pass_id = ?", uid(pass)), getGoogleObject)
	if errors.Is(err, loyalty.ErrNotFound) {
		return loyalty.GoogleObject{Pass: pass}, nil
	}
	return o, err
}

// ChangeGoogleObject changes what is known of a pass's object, one after the
// other. change may be called again after a rollback.
func (s *Store) ChangeGoogleObject(ctx context.Context, pass loyalty.PassID, change func(*loyalty.GoogleObject)) error {
	return again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			return tx.changeGoogleObject(pass, change)
		})
	})
}

func (tx *Tx) changeGoogleObject(pass loyalty.PassID, change func(*loyalty.GoogleObject)) error {
	// First of all the row is there, so that its lock is what others wait for.
	err := tx.exec("INSERT INTO google_objects (inserted_at, saved_at, told_at, waiting_since, notified_1, notified_2, notified_3, pass_id, sent) "+
		"VALUES (0, 0, 0, 0, 0, 0, 0, ?, ?) ON CONFLICT (pass_id) DO NOTHING", uid(pass), make([]byte, len(loyalty.GoogleObject{}.Sent)))
	if err != nil {
		return err
	}
	o, err := first(tx.db.Table("google_objects AS g").Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).
		Select(selected("g", googleColumns)).Where("g.pass_id = ?", uid(pass)), getGoogleObject)
	if err != nil {
		return err
	}
	change(&o)
	return affected(tx.db.Table("google_objects").Where("pass_id = ?", uid(pass)).Updates(map[string]any{
		"inserted_at": micros(o.Inserted), "saved_at": micros(o.Saved), "told_at": micros(o.Told), "waiting_since": micros(o.Waiting),
		"notified_1": micros(o.Notified[0]), "notified_2": micros(o.Notified[1]), "notified_3": micros(o.Notified[2]),
		"deleted_at": micros(o.Deleted), "sent": o.Sent[:],
	}))
}

// HearGoogle notes that a pass was saved or deleted, and reports whether that was
// new: the same event again changes nothing. From then on its card is watched, or
// no longer, unless another wallet shows it.
// Errors: loyalty.ErrNotFound for a pass that is none of Google's, or of another
// program.
func (s *Store) HearGoogle(ctx context.Context, e loyalty.GoogleEvent, now time.Time) (fresh bool, err error) {
	err = again(func() error {
		return s.engine.within(ctx, func(tx *Tx) error {
			noted := tx.db.Exec("INSERT INTO google_nonces (expires_at, nonce) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
				micros(e.Expires), e.Nonce[:])
			if fresh = noted.RowsAffected > 0; noted.Error != nil || !fresh {
				return translate(noted.Error, false)
			}
			return tx.hearGoogle(e, now)
		})
	})
	return fresh && err == nil, err
}

func (tx *Tx) hearGoogle(e loyalty.GoogleEvent, now time.Time) error {
	pass, err := first(tx.db.Table("passes AS p").Select(selected("p", passColumns)).
		Where("p.id = ? AND p.program_id = ? AND p.wallet = ?", uid(e.Pass), uid(e.Program), int64(loyalty.GoogleWallet)), getPass)
	if err != nil {
		return err
	}
	if _, err := tx.lockCard(pass.Merchant, pass.Card); err != nil {
		return err
	}
	err = tx.changeGoogleObject(pass.ID, func(o *loyalty.GoogleObject) {
		o.Saved, o.Deleted = time.Time{}, now
		if e.Saved {
			o.Saved, o.Deleted = now, time.Time{}
		}
	})
	if err != nil {
		return err
	}
	if e.Saved && !pass.Removed.IsZero() {
		return nil // it was told that the pass has ended
	}
	if e.Saved {
		return tx.watch(pass.Card, loyalty.WatchedForEver, now)
	}
	return tx.leave(pass.Card)
}

// GoogleBacklog is how many saved passes Google does not show as they are, and
// since when the first of them; zero for none.
func (s *Store) GoogleBacklog(ctx context.Context) (waiting int64, oldest time.Time, err error) {
	type backlog struct{ waiting, oldest int64 }
	query := s.engine.reader().WithContext(ctx).Raw(
		"SELECT count(*), COALESCE(min(b.since), 0) FROM ("+
			"SELECT waiting_since AS since FROM google_objects WHERE waiting_since > 0 "+
			"UNION ALL SELECT d.since FROM dirty d JOIN passes p ON p.card_id = d.card_id AND p.wallet = ? "+
			"JOIN google_objects g ON g.pass_id = p.id WHERE g.saved_at > 0 AND g.waiting_since = 0) AS b",
		int64(loyalty.GoogleWallet))
	list, err := all(query, func(r source) backlog { return backlog{r.number(), r.number()} })
	if err != nil {
		return 0, time.Time{}, err
	}
	return list[0].waiting, fromMicros(list[0].oldest), nil
}

// GoogleDevice is the device that a pass is, under its own id, of whichever card:
// the one that the pass was made for. Errors: loyalty.ErrNotFound.
func (s *Store) GoogleDevice(ctx context.Context, pass loyalty.PassID) (loyalty.Device, error) {
	return first(s.engine.reader().WithContext(ctx).Table("devices AS d").Select(selected("d", deviceColumns)).
		Where("d.id = ? AND d.kind = ?", uid(pass), int64(loyalty.Google)), getDevice)
}
