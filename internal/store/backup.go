package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"stempel/internal/archive"
)

// versionTable is goose's own. It is not in a backup: the manifest says which
// version the tables have, and migrating makes them.
const versionTable = "goose_db_version"

// cursorTable says how far this very database was read for webhooks, in terms of
// its own commits: of no use anywhere else.
const cursorTable = "webhook_cursor"

// jobTables begin the names of the job engine's own tables (internal/jobs). What
// waited there follows from what a restored database finds out to be dirty.
const jobTables = `river\_%`

// Why a database cannot take a backup, as sentences.
var (
	ErrNotEmpty     = errors.New("there is a merchant or a keyring in it already: a backup is restored into an empty database")
	ErrOtherVersion = errors.New("its tables have another version than those of the backup: restore into a new database, which is brought up to date afterwards")
	ErrOtherTables  = errors.New("its tables are not those of the backup")
)

// ErrNotUpToDate is of a restore whose rows are all there, in the tables of the
// backup's version: Migrate does what is left.
var ErrNotUpToDate = errors.New("everything was restored, but the tables could not be brought up to date")

// tableShape is a table as the schema has it, whatever made it: nothing here
// knows a table by name.
type tableShape struct {
	name    string
	columns []columnShape
}

type columnShape struct{ name, kind string } // kind: the type's name in its database

func (t *tableShape) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// Backup writes everything that the database holds at this moment, while others
// go on reading and writing. now is noted in it.
//
// Errors: of writing to; as of reading.
func (s *Store) Backup(ctx context.Context, to io.Writer, now time.Time) (archive.Manifest, error) {
	m, err := s.engine.backup(ctx, func(m archive.Manifest) *archive.Writer {
		m.Made = now.UTC()
		return archive.NewWriter(to, m)
	})
	return m, translate(err, false)
}

// Restore puts the rows of a backup into an empty database, in one transaction: all
// of them or none. Tables are made in the version of the backup when there are
// none, and brought up to date at the end. Wallets are told anew what their passes
// show.
//
// Errors: ErrNotEmpty, ErrOtherVersion, ErrOtherTables; archive.ErrDamaged; one
// about a version newer than this program's; as of writing: all rows are there or
// none after loyalty.ErrOutcomeUnknown, none after any other. Only after
// ErrNotUpToDate they are.
func (s *Store) Restore(ctx context.Context, from *archive.Reader) error {
	if err := s.engine.migrateFor(ctx, from.Schema); err != nil {
		return translate(err, false)
	}
	if err := s.engine.restore(ctx, from, showAnew(from.Schema, time.Now())); err != nil {
		return translate(err, false)
	}
	if err := s.Migrate(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNotUpToDate, err)
	}
	return nil
}

// sameTables reports whether an archive has exactly the tables and columns of a
// schema. The order of columns may be another.
func sameTables(from *archive.Reader, schema []tableShape) error {
	if len(from.Tables) != len(schema) {
		return fmt.Errorf("%w: %d tables, %d in the backup", ErrOtherTables, len(schema), len(from.Tables))
	}
	for _, have := range schema {
		table, ok := from.Table(have.name)
		if !ok {
			return fmt.Errorf("%w: the backup has no %s", ErrOtherTables, have.name)
		}
		if !slices.Equal(slices.Sorted(slices.Values(table.Columns)), slices.Sorted(slices.Values(have.names()))) {
			return fmt.Errorf("%w: the columns of %s differ", ErrOtherTables, have.name)
		}
	}
	return nil
}

// inUse are the tables that show that somebody works with a database. Everything
// belongs to a merchant, and a server makes its keys before it serves. What other
// tables hold then was put there by migrations, and stands in the backup too.
var inUse = []string{"merchants", "keyring"}
