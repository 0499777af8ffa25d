package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"stempel/internal/engines/enginetest"
)

// A shop that outgrows its file moves to PostgreSQL while tills go on, and finds
// everything there that was acknowledged before the backup began.
func TestMovingToPostgres(t *testing.T) {
	folder := t.TempDir()
	s := bootAt(t, in(folder), anyPort())
	h := openShop(t, s)
	card := h.visit(t)
	used := h.token(t, card)
	if got := h.stamp(t, used); got.status != http.StatusOK {
		t.Fatal(got)
	}
	busy := h.card(t)
	var stamped atomic.Int64
	stop := make(chan struct{})
	var tills sync.WaitGroup
	tills.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if got := h.stamp(t, h.token(t, busy)); got.status != http.StatusOK {
				t.Errorf("during the backup: %d %s", got.status, got.body)
				return
			}
			stamped.Add(1)
		}
	})
	eventually(t, "a till is at work", func() bool { return stamped.Load() > 3 || t.Failed() })
	before := stamped.Load()
	file := filepath.Join(t.TempDir(), "shop.backup")
	succeed(t, "backup", "--data", folder, file)
	close(stop)
	tills.Wait()
	after := stamped.Load()
	closeServer(t, s)

	database := enginetest.Postgres(t)
	said := succeed(t, "restore", "--database-url", database, file)
	if !strings.Contains(said, "The ledger holds: ") || strings.Contains(said, "search_path") {
		t.Errorf("restore said %s", said)
	}
	master, err := os.ReadFile(filepath.Join(folder, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	s = bootAt(t, sealed{storage{DatabaseURL: database}, strings.TrimSpace(string(master))}, anyPort())
	defer closeServer(t, s)
	moved := shop{s.URL(), h.notes}
	if got := moved.stamp(t, used); got.status != http.StatusConflict || !strings.Contains(got.body, "credential_already_used") {
		t.Errorf("a code that was used before the backup: %d %s", got.status, got.body)
	}
	if got := moved.balance(t, card); got != 2 {
		t.Errorf("balance %d, want 2", got)
	}
	if got := moved.lifetime(t, busy); got < before || got > after {
		t.Errorf("%d stamps, want between %d and %d", got, before, after)
	}
	h.notes.BaseURL = s.URL()
	moved.visit(t)
}

// succeed runs one of the program's commands, which must succeed.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("stempel %s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}
