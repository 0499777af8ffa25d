package store

import (
	"context"
	"database/sql"
	"embed"
	"hash/crc32"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables up to date. Several processes may do so at once.
func (s *Store) Migrate(ctx context.Context) error {
	return translate(s.engine.migrate(ctx), false)
}

// migrate waits under a lock of PostgreSQL while another process migrates.
func (p *postgres) migrate(ctx context.Context) error {
	var schema string
	if err := p.pool.QueryRow(ctx, "SELECT coalesce(current_schema(), '')").Scan(&schema); err != nil {
		return err
	}
	const second, aMinute = 1, 60
	locker, err := lock.NewPostgresSessionLocker(
		// Another schema is another deployment and need not wait.
		lock.WithLockID(lock.DefaultLockID^int64(crc32.ChecksumIEEE([]byte(schema)))),
		lock.WithLockTimeout(second, aMinute),
	)
	if err != nil {
		return err
	}
	provider, err := newProvider(goose.DialectPostgres, p.sql, "postgres", goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// migrate needs no lock: each migration is one transaction, and SQLite has one
// writer. Who loses a race finds the tables there already and looks again.
func (l *lite) migrate(ctx context.Context) error {
	provider, err := newProvider(goose.DialectSQLite3, l.writer, "sqlite")
	if err != nil {
		return err
	}
	const races = 10
	for range races {
		if _, err = provider.Up(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

func newProvider(dialect goose.Dialect, db *sql.DB, folder string, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, files, options...)
}
