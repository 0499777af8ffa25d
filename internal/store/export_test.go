package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool is the pool of a store on PostgreSQL.
func (s *Store) Pool() *pgxpool.Pool { return s.engine.(*postgres).pool }

// Exec runs a statement, on SQLite's writer.
func (s *Store) Exec(ctx context.Context, statement string) error {
	if l, ok := s.engine.(*lite); ok {
		return l.writerGorm.WithContext(ctx).Exec(statement).Error // some cannot stand in a transaction
	}
	return s.engine.within(ctx, func(tx *Tx) error { return tx.exec(statement) })
}

// MigrateTo brings the tables to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	return s.engine.migrate(ctx, version)
}

// PageOfEntries is what one transaction reads for webhooks.
const PageOfEntries = pageOfEntries

// CollectPage makes one transaction of CollectEntries on SQLite.
func (s *Store) CollectPage(ctx context.Context, now time.Time) (cards int64, err error) {
	return s.engine.(*lite).collectPage(ctx, now)
}
