package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
)

// inWallets opens a pass for each of so many cards, all watched, and returns the
// cards in the order of their ids.
func inWallets(t *testing.T, shop *storetest.Shop, cards int) []loyalty.CardID {
	t.Helper()
	ids := make([]loyalty.CardID, cards)
	for i := range ids {
		ids[i] = shop.Card(t, shop.Stamps, fmt.Sprint("card ", i)).ID
		_, err := shop.OpenPass(t.Context(), loyalty.Pass{
			ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: ids[i], Wallet: loyalty.AppleWallet,
			Language: "en", KeyID: "a01", Created: loyaltytest.Now, Changed: loyaltytest.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := shop.Watch(t.Context(), ids[i], loyalty.WatchedForEver, loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(ids, loyalty.CardID.Compare)
	return ids
}

// held is a transaction that holds the mark of one card. While f waits for it, the
// marks of others are seen to be free: whoever waits holds none that comes later.
func held(t *testing.T, shop *storetest.Shop, card loyalty.CardID, free []loyalty.CardID, f func(context.Context) error) {
	t.Helper()
	heldIn(t, shop, "dirty WHERE card_id", card, free, f)
}

// heldIn is held of rows of a table by a column of cards' ids.
func heldIn(t *testing.T, shop *storetest.Shop, rows string, card loyalty.CardID, free []loyalty.CardID, f func(context.Context) error) {
	t.Helper()
	lock := func(tx pgx.Tx, id loyalty.CardID, how string) error {
		var one int
		return tx.QueryRow(t.Context(), "SELECT 1 FROM "+rows+" = $1 FOR UPDATE "+how, [16]byte(id)).Scan(&one)
	}
	tx, err := connect(t, shop.URL).Begin(t.Context())
	if err == nil {
		err = lock(tx, card, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f(t.Context()) }()
	const waiting = `SELECT count(*) FROM pg_locks w WHERE NOT w.granted AND pg_backend_pid() = ANY(pg_blocking_pids(w.pid))`
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		if err := tx.QueryRow(t.Context(), waiting).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range free {
		if err := lock(tx, id, "NOWAIT"); err != nil {
			t.Errorf("a later row is held by who waits for an earlier one: %v", err)
			break // the transaction is over
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Whoever writes several marks writes them in the order of their cards, whatever
// order they came in.
func TestMarksAreLockedInOrder(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	cards := inWallets(t, shop, 3)
	conn := connect(t, shop.URL)
	for i, card := range cards { // the last card's is due first
		run(t, conn, fmt.Sprintf("UPDATE passes SET due_at = %d WHERE card_id = '%x'", loyaltytest.Now.UnixMicro()-int64(i), card[:]))
	}
	t.Run("when they are due", func(t *testing.T) {
		held(t, shop, cards[0], cards[1:], func(ctx context.Context) error { return shop.MarkDue(ctx, loyaltytest.Now, 10) })
	})
	t.Run("when they are posted", func(t *testing.T) {
		held(t, shop, cards[0], cards[1:], func(context.Context) error {
			var commands []*loyalty.Command
			for _, card := range slices.Backward(cards) {
				commands = append(commands, loyaltytest.Command("stamp"+card.String(), card, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
			}
			_, err := shop.Decide(t, commands...)
			return err
		})
	})
	t.Run("when they are settled", func(t *testing.T) {
		marks, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil || len(marks) != len(cards) {
			t.Fatalf("%d marks, %v", len(marks), err)
		}
		slices.SortFunc(marks, func(a, b loyalty.Dirt) int { return b.Card.Compare(a.Card) })
		turns := []loyalty.Turn{{Dirt: marks[0]}, {Dirt: marks[1], Survivor: cards[0]}} // as if they were merged
		held(t, shop, cards[0], cards[1:], func(ctx context.Context) error {
			return shop.Settle(ctx, turns, func(*sql.Tx, []loyalty.Pass) error { return nil })
		})
		if left, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10); err != nil || len(left) != 1 || left[0].Card != cards[0] {
			t.Errorf("still marked: %+v, %v, want the card that took passes over", left, err)
		}
	})
}

// What is due is marked in small transactions: who holds the last of many keeps the
// first from nobody.
func TestDueIsMarkedBitByBit(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	cards := inWallets(t, shop, 130)
	conn := connect(t, shop.URL)
	run(t, conn, fmt.Sprintf("DELETE FROM dirty WHERE card_id <> '%x'", cards[120][:]))
	for i, card := range cards {
		run(t, conn, fmt.Sprintf("UPDATE passes SET due_at = %d WHERE card_id = '%x'", i+1, card[:]))
	}
	waiting := func(want int64) {
		t.Helper()
		if n, _, err := shop.Waiting(t.Context()); err != nil || n != want {
			t.Errorf("%d marks, %v, want %d", n, err, want)
		}
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(t, conn, "SELECT 1 FROM dirty FOR UPDATE")
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	if err := shop.MarkDue(ctx, loyaltytest.Now, 1000); err == nil {
		t.Error("nobody was waited for")
	}
	waiting(101)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := shop.MarkDue(t.Context(), loyaltytest.Now, 10); err != nil {
		t.Fatal(err)
	}
	waiting(111)
	if err := shop.MarkDue(t.Context(), loyaltytest.Now, 1000); err != nil {
		t.Fatal(err)
	}
	waiting(130)
}
