package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// On PostgreSQL neither ids nor a sequence would be in the order of commits: a
// transaction may hold an entry back for long while later ones are visible. But
// the server can tell what one snapshot sees and another did not (pg_snapshot):
// exactly the rows committed between the two. A card is locked while it is posted
// to, so a snapshot that sees one of its entries sees all before it.
//
// That needs each row's transaction (the system column xmin), on which there is
// no index. The ids say where to look: they begin with the time. No entry that a
// snapshot does not see yet has an id made long before its transaction got its
// number. Numbers rise; so when all up to that of some collecting transaction have
// ended, whatever may still appear is younger than that one, less makingTime.
// While one of them runs on, the floor stays: a long transaction makes collecting
// slower, never wrong. (The xmax of a snapshot would not do as that number: it
// follows the last transaction that has ended, and running ones may be above.)
//
// Entries are written by transactions without savepoints: pg_snapshot knows
// nothing of the numbers of subtransactions.

// snapshot is a pg_snapshot as text, xmin:xmax:list, and its first two numbers:
// below xmin all transactions have ended, from xmax on none had.
type snapshot struct {
	text       string
	xmin, xmax int64
}

func readSnapshot(text string) (s snapshot, err error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return s, fmt.Errorf("store: %q is not a pg_snapshot", text)
	}
	if s.xmin, err = strconv.ParseInt(parts[0], 10, 64); err == nil {
		s.xmax, err = strconv.ParseInt(parts[1], 10, 64)
	}
	s.text = text
	return s, err
}

// nothingSeen is a snapshot from before the first transaction.
const nothingSeen = "3:3:"

// present is the snapshot of a statement, and the time by the database's clock.
const present = "pg_current_snapshot()::text, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

// ownNumber is the number of the transaction that asks.
const ownNumber = "pg_current_xact_id()::text::bigint"

// transactionOf is the 64-bit number of the transaction that wrote e, as its
// xmin is the lower half of: parameters are the next number to be given, twice
// in parts: the upper half, and the lower.
const transactionOf = `(greatest(3, ?::bigint + e.xmin::text::bigint -
	CASE WHEN e.xmin::text::bigint > ?::bigint THEN 4294967296 ELSE 0 END)::text::xid8)`

// progress is how far collecting has come, and where the server is.
type progress struct {
	seen, current       snapshot
	writer              int64 // number of the transaction that collected last
	taken, floor, clock int64 // microseconds, by the database's clock
}

// readProgress locks the cursor's row where lock says so: then only a second
// statement has a snapshot that is surely younger than the one in the row. It
// finds nothing while collecting has not begun, or others hold the row.
func readProgress(db *gorm.DB, lock string) (at progress, found bool, err error) {
	var seen, current string
	found, err = scalars(db.Raw("SELECT seen, writer, taken_at, floor FROM webhook_cursor WHERE id = 1"+lock),
		&seen, &at.writer, &at.taken, &at.floor)
	if err != nil || !found {
		return at, false, err
	}
	if _, err = scalars(db.Raw("SELECT "+present), &current, &at.clock); err != nil {
		return at, false, err
	}
	if at.seen, err = readSnapshot(seen); err == nil {
		at.current, err = readSnapshot(current)
	}
	if at.current.xmax < at.seen.xmax { // restored into another server, which counts from elsewhere
		at.seen = snapshot{text: nothingSeen}
	}
	return at, true, err
}

// fresh is the condition on entries e that were committed since, with its values.
func (at *progress) fresh() (string, []any) {
	const condition = "e.id >= ? AND NOT pg_visible_in_snapshot(" + transactionOf + ", ?::text::pg_snapshot)" +
		" AND pg_visible_in_snapshot(" + transactionOf + ", ?::text::pg_snapshot)"
	upper, lower := at.current.xmax&^0xffffffff, at.current.xmax&0xffffffff
	return condition, []any{
		uid(firstID(time.UnixMicro(at.floor))), upper, lower, at.seen.text, upper, lower, at.current.text,
	}
}

// next is the floor once everything that the present snapshot sees was noted.
func (at *progress) next() int64 {
	if at.current.xmin <= at.writer { // one that ran when the last snapshot was taken may run on
		return at.floor
	}
	return min(at.taken, at.clock) - makingTime.Microseconds() // whose clock may have been put back
}

func (p *postgres) collect(ctx context.Context, now time.Time, pause time.Duration) (cards int64, err error) {
	if due, err := p.collectable(ctx, pause); err != nil || !due {
		return 0, err
	}
	err = p.within(ctx, func(tx *Tx) error {
		at, found, err := readProgress(tx.db, " FOR UPDATE SKIP LOCKED")
		if err != nil || !found {
			return err
		}
		if stopped, err := tx.stopCollecting(now); err != nil || stopped {
			return err
		}
		fresh, values := at.fresh()
		if cards, err = tx.noteEntries(now, fresh, values...); err != nil {
			return err
		}
		return translate(tx.db.Exec("UPDATE webhook_cursor SET seen = ?, writer = "+ownNumber+", taken_at = ?, floor = ? WHERE id = 1",
			at.current.text, at.clock, at.next()).Error, false)
	})
	return cards, err
}

// collectable reports, writing nothing, whether there is a reason to collect:
// fresh entries, or a floor that has long stayed where it is.
func (p *postgres) collectable(ctx context.Context, pause time.Duration) (bool, error) {
	at, found, err := readProgress(p.gorm.WithContext(ctx), "")
	age := at.clock - at.taken
	if err != nil || !found || age >= 0 && age < pause.Microseconds() {
		return false, err
	}
	if age >= makingTime.Microseconds() {
		return true, nil
	}
	condition, values := at.fresh()
	var one int
	return scalars(p.gorm.WithContext(ctx).Raw("SELECT 1 FROM entries e WHERE "+condition+" ORDER BY e.id DESC LIMIT 1", values...), &one)
}

// beginCollecting starts at the present unless collecting goes on already. The
// row it touches is held until the transaction ends: see stopCollecting.
func (p *postgres) beginCollecting(tx *Tx) error {
	return translate(tx.db.Exec("INSERT INTO webhook_cursor (id, seen, writer, taken_at, floor) "+
		"SELECT 1, n.seen, "+ownNumber+", n.clock, n.clock - ? FROM (SELECT "+present+") AS n (seen, clock) "+
		"ON CONFLICT (id) DO UPDATE SET id = excluded.id", makingTime.Microseconds()).Error, false)
}
