package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stempel/internal/store"
)

// SQLite returns the URL of a database that is the test's own, with today's tables and
// nothing in them. It is a copy of one that was migrated once for all tests of the
// process: to migrate takes longer than most of them. Migrate finds nothing to do.
func SQLite(t testing.TB) string {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "stempel.db")
	layTables(t, url)
	return url
}

// layTables brings a copy to where no SQLite database is yet, and leaves any other alone.
func layTables(t testing.TB, url string) {
	t.Helper()
	path, isSQLite := strings.CutPrefix(url, "sqlite:")
	if _, err := os.Stat(path); !isSQLite || err == nil {
		return
	}
	content, err := migrated()
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600))
	}
	if err != nil {
		t.Fatalf("a migrated database: %v", err)
	}
}

// migrated is the file of a database without rows.
var migrated = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "stempel")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path, ctx := filepath.Join(dir, "stempel.db"), context.Background()
	db, err := store.Open(ctx, "sqlite:"+path, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.Migrate(ctx), db.Close()); err != nil { // which leaves no log beside the file
		return nil, err
	}
	return os.ReadFile(path)
})
