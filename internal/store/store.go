package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"stempel/internal/archive"
	"stempel/internal/loyalty"
)

// Store is the database of a deployment. It is safe for concurrent use.
type Store struct{ engine engine }

// OneWriter reports whether all who write take turns, in whatever process: so it is
// on SQLite. Who writes much leaves gaps for the others.
func (s *Store) OneWriter() bool {
	_, is := s.engine.(*lite)
	return is
}

// engine is what PostgreSQL and SQLite do differently.
type engine interface {
	// facts reads without locks.
	facts(ctx context.Context, k *loyalty.Keys) (*loyalty.Facts, error)
	// post makes one attempt at a batch.
	post(ctx context.Context, k *loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error
	// within runs f in one transaction, which is rolled back when f fails.
	within(ctx context.Context, f func(*Tx) error) error
	// reader is for reading one statement at a time.
	reader() *gorm.DB
	// wipe lets go of what can be reached of rows that were erased, now or before.
	wipe(ctx context.Context, erased bool) error
	// collect notes the entries committed since the last time for webhooks.
	collect(ctx context.Context, now time.Time, pause time.Duration) (cards int64, err error)
	// beginCollecting makes sure that what is committed from now on is collected.
	beginCollecting(tx *Tx) error
	// migrate brings the tables to a version; the zero version is the latest.
	migrate(ctx context.Context, version int64) error
	// migrateFor prepares for rows of a version, in a database that has none.
	migrateFor(ctx context.Context, version int64) error
	// backup reads all tables at one moment, into the archive that begin makes.
	backup(ctx context.Context, begin func(archive.Manifest) *archive.Writer) (archive.Manifest, error)
	// restore fills all tables in one transaction.
	restore(ctx context.Context, from *archive.Reader, then []string) error
	close() error
}

// Options of a Store. Zero values mean the defaults.
type Options struct {
	Connections int32 // to PostgreSQL, at most. Default: the URL's pool_max_conns, or 10
}

// Open opens a database: postgres://user@host/name, or the path of an SQLite
// file, with or without sqlite: before it. A file and its folder are made when
// missing. PostgreSQL is not asked for anything yet: see Ready.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		p, err := openPostgres(ctx, url, o)
		if err != nil {
			return nil, err
		}
		return &Store{p}, nil
	}
	l, err := openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		return nil, translate(err, false)
	}
	return &Store{l}, nil
}

// Close waits for running transactions and gives all connections back.
func (s *Store) Close() error { return s.engine.close() }

// Ready reports whether the database answers and has been migrated.
func (s *Store) Ready(ctx context.Context) error {
	var rows int64
	err := s.engine.reader().WithContext(ctx).Table("keyring").Count(&rows).Error
	return translate(err, false)
}

// maxAttempts bounds how often one call is tried again on its own. Deadlocks
// are rare: locks are taken in the order of ids.
const maxAttempts = 5

// again repeats what the database gave up for reasons of its own.
func again(f func() error) error {
	var err error
	for range maxAttempts {
		if err = f(); !isAgain(err) {
			return err
		}
	}
	return err
}

// Post decides and writes a batch in one transaction. It locks the cards (and
// stock, claim codes and tags) that keys name, reads all that keys name, calls decide, and writes what
// decide returns. When the transaction has to be repeated, decide is called
// again with fresh facts. A cancelled ctx stops everything up to the commit.
//
// Errors: loyalty.ErrConflict, ErrUnavailable (nothing was written),
// ErrOutcomeUnknown (post the same requests again), or something internal.
func (s *Store) Post(ctx context.Context, keys loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error {
	return again(func() error { return s.engine.post(ctx, &keys, decide) })
}

// gormConfig: errors are returned, so GORM need not log them; transactions are
// opened knowingly; pgx caches statements itself.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Plugins:                map[string]gorm.Plugin{traced{}.Name(): traced{}},
	}
}

// SQL is the database as others than GORM see it, to keep what belongs into the
// same transactions: of SQLite the only writer.
func (s *Store) SQL() (db *sql.DB, sqlite bool) {
	switch e := s.engine.(type) {
	case *lite:
		return e.writer, true
	case *postgres:
		return e.sql, false
	}
	panic("store: no such engine")
}
