package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables up to date. Several processes may do so at once.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.engine.migrate(ctx, latest); err != nil {
		return translate(err, false)
	}
	return s.resumeCollecting(ctx)
}

// latest is no version of the tables, but asks for the youngest.
const latest = 0

// migrate waits while another process migrates the same schema. goose has a lock
// of its own for this, but looks before it locks, and then waits in seconds.
func (p *postgres) migrate(ctx context.Context, version int64) error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	// A session of its own, whose end is the end of the lock.
	return p.session(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(19470, hashtext(current_schema()))"); err != nil {
			return err
		}
		return up(ctx, provider, version)
	})
}

func (p *postgres) provider() (*goose.Provider, error) {
	return newProvider(goose.DialectPostgres, p.sql, "postgres")
}

func (p *postgres) migrateFor(ctx context.Context, version int64) error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	return migrateFor(ctx, p, provider, version)
}

// migrate needs no lock: each migration is one transaction, and SQLite has one
// writer. Who loses a race finds the tables there already and looks again.
func (l *lite) migrate(ctx context.Context, version int64) error {
	provider, err := l.provider()
	if err != nil {
		return err
	}
	const races = 10
	for range races {
		if err = up(ctx, provider, version); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (l *lite) provider() (*goose.Provider, error) {
	return newProvider(goose.DialectSQLite3, l.writer, "sqlite")
}

func (l *lite) migrateFor(ctx context.Context, version int64) error {
	provider, err := l.provider()
	if err != nil {
		return err
	}
	return migrateFor(ctx, l, provider, version)
}

// migrateFor makes the tables of a version where there are none, and refuses those
// of another one.
func migrateFor(ctx context.Context, e engine, provider *goose.Provider, version int64) error {
	sources := provider.ListSources()
	if youngest := sources[len(sources)-1].Version; version < 1 || version > youngest {
		return fmt.Errorf("the backup has tables of version %d, and this stempel makes those up to version %d: use the one that made it, or a newer one", version, youngest)
	}
	has, err := provider.GetDBVersion(ctx)
	switch {
	case err != nil:
		return err
	case has == 0:
		return e.migrate(ctx, version)
	case has != version:
		return fmt.Errorf("%w (versions %d and %d)", ErrOtherVersion, has, version)
	}
	return nil
}

func up(ctx context.Context, provider *goose.Provider, version int64) error {
	var err error
	if version == latest {
		_, err = provider.Up(ctx)
	} else {
		_, err = provider.UpTo(ctx, version)
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
