package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables up to date. Several processes may do so at once.
func (s *Store) Migrate(ctx context.Context) error {
	return translate(s.engine.migrate(ctx), false)
}

// migrate waits while another process migrates the same schema. goose has a lock
// of its own for this, but looks before it locks, and then waits in seconds.
func (p *postgres) migrate(ctx context.Context) error {
	provider, err := newProvider(goose.DialectPostgres, p.sql, "postgres")
	if err != nil {
		return err
	}
	// A session of its own, whose end is the end of the lock.
	conn, err := pgx.ConnectConfig(ctx, p.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(19470, hashtext(current_schema()))"); err != nil {
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
