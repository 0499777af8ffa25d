package store

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// TestMigrationsInARow holds that both databases have the same migrations, and that
// these are numbered from 1 on without a gap: what came into a gap later would be
// refused by whoever has those after it.
func TestMigrationsInARow(t *testing.T) {
	postgres, sqlite := migrationNames(t, "postgres"), migrationNames(t, "sqlite")
	if !slices.Equal(postgres, sqlite) {
		t.Errorf("PostgreSQL has %v\nSQLite has %v", postgres, sqlite)
	}
	for i, name := range postgres {
		if want := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("%s stands where %s… should", name, want)
		}
	}
}

func migrationNames(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := fs.ReadDir(migrations, "migrations/"+folder)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}
