package store_test

import (
	"errors"
	"fmt"
	"iter"
	"os"
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

// While somebody reads, the log with what was erased cannot be emptied; pruning
// does it later.
func TestErasedPagesLeaveTheLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stempel.db")
	shop := storetest.NewShop(t, "sqlite:"+path)
	shop.Card(t, shop.Stamps, "somebody's")
	log := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	erase := func(name string) error {
		m := loyalty.Member{ID: loyaltytest.ID(name), Merchant: loyaltytest.Merchant, Created: loyaltytest.Now, Sealed: []byte(name)}
		_, err := shop.AddMember(t.Context(), loyalty.Answer{}, m, loyalty.Answer{})
		if err == nil {
			_, err = shop.EraseMember(t.Context(), loyalty.Answer{}, m.Merchant, m.ID, loyaltytest.Now,
				func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
		}
		return err
	}
	if err := erase("anna"); err != nil || log() != 0 {
		t.Errorf("nobody reads: a log of %d bytes, %v", log(), err)
	}
	err := shop.EachCard(t.Context(), func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error {
		return erase("berta")
	})
	if err != nil || log() == 0 {
		t.Errorf("somebody reads: a log of %d bytes, %v", log(), err)
	}
	if _, err := shop.Prune(t.Context(), loyaltytest.Now); err != nil || log() != 0 {
		t.Errorf("pruned: a log of %d bytes, %v", log(), err)
	}
}

// Token hashes, baskets and notes are the owner's alone, also in a folder that is
// everybody's.
func TestOnlyItsOwnerReads(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "stempel.db")
	shop := storetest.NewShop(t, path)
	shop.Card(t, shop.Stamps, "anna")
	for _, end := range []string{"", "-wal", "-shm"} {
		if about, err := os.Stat(path + end); err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("stempel.db%s: %v, %v", end, about.Mode(), err)
		}
	}
}
