package store_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"stempel/internal/archive"
	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// A shop outgrows its file, or goes back to one.
func TestMovingBetweenDatabases(t *testing.T) {
	t.Run("from SQLite to PostgreSQL", func(t *testing.T) { storetest.Across(t, newFile, enginetest.Postgres) })
	t.Run("from PostgreSQL to SQLite", func(t *testing.T) { storetest.Across(t, enginetest.Postgres, newFile) })
}

// TestBackupOfAnyTable adds what later migrations may bring: types that are no
// one's here, sequences, names that need quotes, computed columns, references in a
// direction that the alphabet does not suggest.
func TestBackupOfAnyTable(t *testing.T) {
	tables := []string{
		`CREATE TABLE zoo (id uuid PRIMARY KEY)`,
		`CREATE TABLE "Odd name" (
			"order" bigserial PRIMARY KEY, zoo uuid REFERENCES zoo, tags text[], "when" timestamptz, share real, xid xid8,
			twice bigint GENERATED ALWAYS AS ("order" * 2) STORED, parent bigint REFERENCES "Odd name",
			counted bigint GENERATED ALWAYS AS IDENTITY)`,
	}
	from, to := storetest.NewShop(t, enginetest.Postgres(t)), enginetest.Postgres(t)
	other, err := store.Open(t.Context(), to, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	source, target := connect(t, from.URL), connect(t, to)
	for _, table := range tables {
		run(t, source, table)
		run(t, target, table)
	}
	run(t, target, `INSERT INTO zoo VALUES (gen_random_uuid())`) // as a migration might
	run(t, source, `INSERT INTO zoo VALUES ('00000000-0000-0000-0000-0000000000ff')`)
	run(t, source, `INSERT INTO "Odd name" (zoo, tags, "when", share, xid, parent)
		VALUES ('00000000-0000-0000-0000-0000000000ff', '{"a,b","c\\d",NULL}', '2026-11-22T01:02:03.456789Z', 1.5, '77', 2), (NULL, '{}', NULL, NULL, NULL, NULL)`)

	if err := other.Restore(t.Context(), backUp(t, from.Store)); err != nil {
		t.Fatal(err)
	}
	const all = `SELECT json_agg(o ORDER BY "order")::text FROM "Odd name" o`
	var want, got string
	if err := source.QueryRow(t.Context(), all).Scan(&want); err != nil {
		t.Fatal(err)
	}
	if err := target.QueryRow(t.Context(), all).Scan(&got); err != nil || got != want {
		t.Errorf("got %s, want %s (%v)", got, want, err)
	}
	run(t, target, `INSERT INTO "Odd name" DEFAULT VALUES`) // behind what was restored
}

// TestRestoreOlder takes a backup in every version that the tables ever had, and
// restores it with this one.
func TestRestoreOlder(t *testing.T) {
	onEach(t, func(t *testing.T, fresh func(testing.TB) string) {
		up := openAt(t, fresh(t))
		if err := up.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := backUp(t, up).Manifest
		step := int64(1)
		if testing.Short() { // nothing here is done at once
			step = want.Schema - 1
		}
		for version := int64(1); version <= want.Schema; version += step {
			old, other := openAt(t, fresh(t)), openAt(t, fresh(t))
			if err := old.MigrateTo(t.Context(), version); err != nil {
				t.Fatal(err)
			}
			if _, err := old.SaveKeyring(t.Context(), 0, []byte("sealed")); err != nil {
				t.Fatal(err)
			}
			kept := backUp(t, old)
			if kept.Schema != version {
				t.Fatalf("version %d has tables of version %d", version, kept.Schema)
			}
			if err := other.Restore(t.Context(), kept); err != nil {
				t.Errorf("version %d: %v", version, err)
			}
			if _, sealed, err := other.LoadKeyring(t.Context()); string(sealed) != "sealed" {
				t.Errorf("version %d: keyring %q, %v", version, sealed, err)
			}
			if got := backUp(t, other).Manifest; got.Schema != want.Schema || !reflect.DeepEqual(names(got), names(want)) {
				t.Errorf("version %d was restored to %+v, want %+v", version, got, want)
			}
		}
	})
}

func names(m archive.Manifest) (all []string) {
	for _, table := range m.Tables {
		all = append(all, table.Name)
	}
	return all
}

func openAt(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func backUp(t *testing.T, s *store.Store) *archive.Reader {
	t.Helper()
	var file bytes.Buffer
	if _, err := s.Backup(t.Context(), &file, loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	kept, err := archive.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// What is no database of ours cannot be backed up.
func TestBackupOfNothing(t *testing.T) {
	for _, url := range []string{newFile(t), enginetest.Postgres(t), filepath.Join(t.TempDir(), "x.db")} {
		var file bytes.Buffer
		if _, err := openAt(t, url).Backup(t.Context(), &file, loyaltytest.Now); err == nil || file.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", url, err, file.Len())
		}
	}
}

// When only what follows a restore fails, all rows are there: that is said, and
// Migrate finishes.
func TestRestoreThatIsNotUpToDate(t *testing.T) {
	old := openAt(t, newFile(t))
	if err := old.MigrateTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := old.SaveKeyring(t.Context(), 0, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	other := openAt(t, newFile(t))
	if err := errors.Join(other.MigrateTo(t.Context(), 1), other.Exec(t.Context(), "CREATE VIEW pairings AS SELECT 1")); err != nil {
		t.Fatal(err)
	}
	if err := other.Restore(t.Context(), backUp(t, old)); !errors.Is(err, store.ErrNotUpToDate) {
		t.Errorf("a migration that cannot be: %v", err)
	}
	if _, sealed, err := other.LoadKeyring(t.Context()); string(sealed) != "sealed" {
		t.Errorf("keyring %q, %v", sealed, err)
	}
	if err := errors.Join(other.Exec(t.Context(), "DROP VIEW pairings"), other.Migrate(t.Context()), other.Ready(t.Context())); err != nil {
		t.Error(err)
	}
}

// That wallets are to be told anew is restored with the passes or not at all: there
// is no moment after which nobody would know.
func TestRestoreTellsWalletsAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		refuse, allow := "ALTER TABLE passes ADD CONSTRAINT told CHECK (length(shown) > 0)", "ALTER TABLE passes DROP CONSTRAINT told"
		fresh := enginetest.Postgres
		if strings.HasPrefix(url, "sqlite:") {
			refuse, allow = "CREATE TRIGGER told BEFORE UPDATE ON passes BEGIN SELECT RAISE(ABORT, 'no'); END", "DROP TRIGGER told"
			fresh = newFile
		}
		shop := storetest.NewShop(t, url)
		card := shop.Card(t, shop.Stamps, "anna")
		pass, err := shop.OpenPass(t.Context(), loyalty.Pass{
			ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card.ID, Wallet: loyalty.AppleWallet,
			Created: loyaltytest.Now, Changed: loyaltytest.Now, Shown: [16]byte{7},
		})
		if err != nil {
			t.Fatal(err)
		}
		keyring, err := shop.SaveKeyring(t.Context(), 0, []byte("sealed"))
		if err := errors.Join(err, shop.Watch(t.Context(), card.ID, loyalty.WatchedForEver, loyaltytest.Now)); err != nil || !keyring {
			t.Fatal(keyring, err)
		}
		if err := shop.Exec(t.Context(), "DELETE FROM dirty"); err != nil {
			t.Fatal(err)
		}
		kept, other := backUp(t, shop.Store), openAt(t, fresh(t))
		if err := errors.Join(other.Migrate(t.Context()), other.Exec(t.Context(), refuse)); err != nil {
			t.Fatal(err)
		}
		if err := other.Restore(t.Context(), kept); err == nil || errors.Is(err, store.ErrNotUpToDate) {
			t.Errorf("wallets cannot be told: %v", err)
		}
		if version, _, err := other.LoadKeyring(t.Context()); version != 0 || err != nil {
			t.Errorf("something was restored: keyring %d, %v", version, err)
		}
		if err := errors.Join(other.Exec(t.Context(), allow), other.Restore(t.Context(), kept)); err != nil {
			t.Fatal(err)
		}
		if got, err := other.Pass(t.Context(), pass.ID); err != nil || pass.Shown == ([16]byte{}) || got.Shown != ([16]byte{}) {
			t.Errorf("the pass has %x, %v", got.Shown, err)
		}
		if dirty, err := other.Dirty(t.Context(), loyalty.Dirt{}, 10); err != nil || len(dirty) != 1 || dirty[0].Card != card.ID {
			t.Errorf("dirty are %+v, %v", dirty, err)
		}
	})
}
