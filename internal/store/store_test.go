package store_test

import (
	"path/filepath"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "data", "stempel.db") })
}

func TestPostgres(t *testing.T) { storetest.Run(t, enginetest.Postgres) }
