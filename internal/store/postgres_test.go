package store_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

func TestPostgres(t *testing.T) { storetest.Run(t, enginetest.Postgres) }

// after is a card with one unit more, as a batch of its own.
func after(card loyalty.Card) loyalty.Writes {
	card.Balance++
	return loyalty.Writes{
		Cards:   []loyalty.Card{card},
		Answers: []loyalty.Answer{{Request: loyalty.RequestID{1}, Card: card.ID, Body: []byte("{}")}},
	}
}

func keysOf(card loyalty.Card) loyalty.Keys {
	return loyalty.Keys{Cards: []loyalty.CardID{card.ID}, Requests: []loyalty.RequestID{{1}}}
}

func balance(t *testing.T, shop *storetest.Shop, card loyalty.CardID) int64 {
	t.Helper()
	state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, card)
	if err != nil {
		t.Fatal(err)
	}
	return state.Card.Balance
}

// TestDecidedAgain gives up the first transactions as PostgreSQL does after a
// deadlock: the batch is decided again, on facts of its own.
func TestDecidedAgain(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	card := shop.Card(t, shop.Stamps, "anna")
	conn := connect(t, shop.URL)
	run(t, conn, `CREATE SEQUENCE attempts`)
	run(t, conn, `CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('attempts') <= 2 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = 'deadlock_detected'; END IF;
			RETURN NEW;
		END $$`)
	run(t, conn, `CREATE TRIGGER give_up BEFORE UPDATE ON cards FOR EACH ROW EXECUTE FUNCTION give_up()`)
	decided := 0
	err := shop.Post(t.Context(), keysOf(card), func(f *loyalty.Facts) loyalty.Writes {
		decided++
		if got := f.Cards[card.ID].Card.Balance; got != 0 {
			t.Errorf("facts of an earlier attempt: balance %d", got)
		}
		f.Cards[card.ID].Card.Balance = 99 // as Apply would
		return after(card)
	})
	if err != nil || decided != 3 || balance(t, shop, card.ID) != 1 {
		t.Errorf("decided %d times: %v", decided, err)
	}

	run(t, conn, `ALTER SEQUENCE attempts RESTART MINVALUE -1000 START -1000`)
	err = shop.Post(t.Context(), keysOf(card), func(*loyalty.Facts) loyalty.Writes { return after(card) })
	if !errors.Is(err, loyalty.ErrConflict) {
		t.Errorf("given up for good: %v", err)
	}
}

// TestMigratedMeanwhile changes the type of a column under prepared statements.
func TestMigratedMeanwhile(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	card := shop.Card(t, shop.Stamps, "anna")
	earn := func(name string) *loyalty.Command {
		return loyaltytest.Command(name, card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
	}
	var all sync.WaitGroup // several connections
	for _, name := range []string{"a", "b", "c", "d"} {
		all.Go(func() { shop.Must(t, earn(name)) })
	}
	all.Wait()
	run(t, connect(t, shop.URL), `ALTER TABLE cards ALTER COLUMN wallet_gen TYPE bigint`)
	for _, name := range []string{"e", "f", "g", "h"} {
		shop.Must(t, earn(name))
	}
	if got := balance(t, shop, card.ID); got != 8 {
		t.Errorf("balance %d", got)
	}
}

// TestLostConnection ends the session at each moment of a post.
func TestLostConnection(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	card := shop.Card(t, shop.Stamps, "anna")
	conn := connect(t, shop.URL)

	t.Run("while deciding", func(t *testing.T) {
		err := shop.Post(t.Context(), keysOf(card), func(*loyalty.Facts) loyalty.Writes {
			terminate(t, conn, card.ID)
			return after(card)
		})
		if !errors.Is(err, loyalty.ErrOutcomeUnknown) && !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("while waiting for a lock", func(t *testing.T) {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		run(t, conn, `SELECT 1 FROM cards FOR UPDATE`)
		posted := make(chan error)
		go func() {
			posted <- shop.Post(t.Context(), keysOf(card), func(*loyalty.Facts) loyalty.Writes { return after(card) })
		}()
		for ended := 0; ended == 0; time.Sleep(time.Millisecond) {
			const waiting = `SELECT count(pg_terminate_backend(w.pid)) FROM pg_locks w WHERE NOT w.granted
				AND pg_backend_pid() = ANY(pg_blocking_pids(w.pid))`
			if err := conn.QueryRow(t.Context(), waiting).Scan(&ended); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-posted; !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	settle(t, shop, card)
}

// settle posts what became of an unknown outcome, as the ledger does.
func settle(t *testing.T, shop *storetest.Shop, card loyalty.Card) {
	t.Helper()
	var err error
	for range 20 { // each connection of the pool finds out on its own
		err = shop.Post(t.Context(), keysOf(card), func(f *loyalty.Facts) loyalty.Writes {
			if _, done := f.Answers[loyalty.RequestID{1}]; done {
				return loyalty.Writes{}
			}
			return after(card)
		})
		if !errors.Is(err, loyalty.ErrUnavailable) && !errors.Is(err, loyalty.ErrOutcomeUnknown) {
			break
		}
	}
	if err != nil || balance(t, shop, card.ID) != 1 {
		t.Errorf("settled to a balance of %d: %v", balance(t, shop, card.ID), err)
	}
}

// terminate ends the session that has a card locked.
func terminate(t *testing.T, conn *pgx.Conn, card loyalty.CardID) {
	t.Helper()
	const holder = `SELECT count(pg_terminate_backend(l.pid, 5000)) FROM pg_locks l
		WHERE l.relation = 'cards'::regclass AND l.mode = 'RowShareLock' AND l.pid <> pg_backend_pid()`
	var ended int
	if err := conn.QueryRow(t.Context(), holder).Scan(&ended); err != nil || ended != 1 {
		t.Errorf("%d sessions ended, %v", ended, err)
	}
}

// TestKilledServer kills PostgreSQL between the two trips and starts it again.
func TestKilledServer(t *testing.T) {
	server := enginetest.PrivatePostgres(t)
	// Whatever the server is set to: what was committed is to outlive it.
	shop := storetest.NewShop(t, server.URL())
	card := shop.Card(t, shop.Stamps, "anna")
	err := shop.Post(t.Context(), keysOf(card), func(*loyalty.Facts) loyalty.Writes {
		server.Kill()
		return after(card)
	})
	if !errors.Is(err, loyalty.ErrOutcomeUnknown) && !errors.Is(err, loyalty.ErrUnavailable) {
		t.Errorf("killed: %v", err)
	}
	for name, err := range map[string]error{
		"ready": shop.Ready(t.Context()),
		"post":  shop.Post(t.Context(), keysOf(card), nil),
		"look": func() error {
			_, _, err := shop.Look(t.Context(), loyaltytest.Merchant, card.ID, loyalty.Scanned{Nonce: loyalty.Nonce{1}}, shop.Front.ID)
			return err
		}(),
		"till": func() error { _, err := shop.TillAccess(t.Context(), shop.Front.ID); return err }(),
		"once": func() error {
			_, err := shop.Once(t.Context(), loyalty.Answer{}, func(*store.Tx) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
			return err
		}(),
	} {
		if !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("%s while it is down: %v", name, err)
		}
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	settle(t, shop, card)
}

// TestPoolExhausted waits for a connection no longer than the caller does.
func TestPoolExhausted(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	s, err := store.Open(t.Context(), shop.URL, store.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Post(t.Context(), loyalty.Keys{}, func(*loyalty.Facts) loyalty.Writes {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.TillAccess(ctx, shop.Front.ID); !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("reading: %v", err)
		}
		if err := s.Post(ctx, loyalty.Keys{}, nil); !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("posting: %v", err)
		}
		return loyalty.Writes{}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyServer(t *testing.T) {
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	card := shop.Card(t, shop.Stamps, "anna")
	standby, err := url.Parse(shop.URL)
	if err != nil {
		t.Fatal(err)
	}
	query := standby.Query()
	query.Set("default_transaction_read_only", "on")
	standby.RawQuery = query.Encode()
	s, err := store.Open(t.Context(), standby.String(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Post(t.Context(), keysOf(card), func(*loyalty.Facts) loyalty.Writes { return after(card) })
	if !errors.Is(err, loyalty.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func connect(t *testing.T, server string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}
