package apitest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"testing"
	"time"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// Book is a fingerprint of the whole ledger: every card, voucher and entry.
type Book struct {
	Cards, Entries int
	sum            [32]byte
}

// Book reads the ledger as it stands.
func (a *API) Book(t testing.TB) Book {
	t.Helper()
	var b Book
	h := sha256.New()
	err := a.each(func(card loyalty.Card, vouchers []loyalty.Voucher, lots []loyalty.Lot, entries iter.Seq2[loyalty.Entry, error]) error {
		b.Cards++
		fmt.Fprintf(h, "%v %v\n", card, vouchers)
		for e, err := range entries {
			if err != nil {
				return err
			}
			b.Entries++
			fmt.Fprintf(h, "%x\n", e.Hash)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("read the ledger: %v", err)
	}
	b.sum = [32]byte(h.Sum(nil))
	return b
}

// each outlives the test's context, which is done when its cleanups run.
func (a *API) each(f func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error) error {
	return a.Store.EachCard(context.Background(), f)
}

// prove is the audit of everything that the test has left behind.
func (a *API) prove(t testing.TB) {
	t.Helper()
	found, err := ledger.Audit(context.Background(), a.Store, a.Clock.Now().Add(time.Hour))
	if err != nil || len(found.Flaws) > 0 {
		t.Errorf("audit: %v, flaws %v", err, found.Flaws)
	}
}
