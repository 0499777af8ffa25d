package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

func TestSQLite(t *testing.T) { storetest.Run(t, newFile) }

func newFile(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "data", "stempel.db")
}

// TestDiskFull lets the file grow no further: what does not fit is not there,
// and what was there stays readable.
func TestDiskFull(t *testing.T) {
	shop := storetest.NewShop(t, newFile(t))
	card := shop.Card(t, shop.Stamps, "anna")
	if err := shop.Exec(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // as many as there are
		t.Fatal(err)
	}
	var posted int
	var err error
	for err == nil {
		_, err = shop.Decide(t, loyaltytest.Command(fmt.Sprint("full ", posted), card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
		if err == nil {
			posted++
		}
	}
	if !errors.Is(err, loyalty.ErrUnavailable) {
		t.Errorf("a full disk: %v", err)
	}
	if got := balance(t, shop, card.ID); int(got) != posted%10 {
		t.Errorf("balance %d after %d stamps", got, posted)
	}
	if err := shop.Exec(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	shop.Must(t, loyaltytest.Command("room again", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
}

// TestPaths opens files whose names mean something in a URL, and finds what is
// in them again.
func TestPaths(t *testing.T) {
	for _, name := range []string{"plain.db", "a b.db", "50%25.db", "what?.db", "mode=memory&x#y.db", "ünï.db"} {
		path := filepath.Join(t.TempDir(), "folder of "+name, name)
		shop := storetest.NewShop(t, path)
		shop.Card(t, shop.Stamps, "anna")
		if err := shop.Close(); err != nil {
			t.Fatal(err)
		}
		if found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(found) != 1 || found[0] != path {
			t.Errorf("%s: made %q, %v", name, found, err)
		}
		s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Card(t.Context(), loyaltytest.Merchant, loyaltytest.ID("card anna")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenFailures(t *testing.T) {
	for _, url := range []string{"", "sqlite:", t.TempDir(), "/dev/null/x.db", "postgres://%zz", "postgres://host/x?pool_max_conns=many"} {
		if s, err := store.Open(t.Context(), url, store.Options{}); err == nil {
			t.Errorf("%q was opened", url)
			s.Close()
		}
	}
}
