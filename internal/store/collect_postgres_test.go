package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
)

// collecting is a shop with a webhook, and what it was told of in what order.
type collecting struct {
	*storetest.Shop
	t    *testing.T
	hook loyalty.Webhook
	told map[loyalty.CardID][]int64
}

func newCollecting(t *testing.T) *collecting {
	c := &collecting{Shop: storetest.NewShop(t, enginetest.Postgres(t)), t: t, told: map[loyalty.CardID][]int64{}}
	c.hook = loyalty.Webhook{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, URL: "https://example.com", Kinds: loyalty.AllKinds,
		Created: loyaltytest.Now, Secret: []byte("sealed"),
	}
	if _, err := c.AddWebhook(t.Context(), loyalty.Answer{}, c.hook, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// tell collects and delivers all there is.
func (c *collecting) tell() {
	c.t.Helper()
	now := loyaltytest.Now
	if _, err := c.CollectEntries(c.t.Context(), now, 0); err != nil {
		c.t.Fatal(err)
	}
	claimed, err := c.ClaimDeliveries(c.t.Context(), c.hook.ID, now, now.Add(time.Minute), 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, one := range claimed {
		entries, err := c.DeliveryEntries(c.t.Context(), &one.Delivery, loyalty.AllKinds, one.First, 1000)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range entries {
			c.told[e.Card] = append(c.told[e.Card], e.Seq)
		}
		if _, err := c.SettleDelivery(c.t.Context(), &one, &loyalty.Settlement{Through: one.Last, At: now}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// holds fails unless exactly these entries of a card were told, in this order.
func (c *collecting) holds(card loyalty.Card, want ...int64) {
	c.t.Helper()
	if got := c.told[card.ID]; fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Errorf("told %v, want %v", got, want)
	}
}

// begin opens a transaction that has a number, as one that has locked a row.
func (c *collecting) begin() pgx.Tx {
	c.t.Helper()
	tx, err := connect(c.t, c.URL).Begin(c.t.Context())
	if err == nil {
		_, err = tx.Exec(c.t.Context(), "SELECT pg_current_xact_id()")
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return tx
}

// post inserts an entry as if the transaction had the card locked.
func (c *collecting) post(tx pgx.Tx, card loyalty.Card, seq int64) {
	c.t.Helper()
	c.postAs(tx, loyalty.NewID(), card, seq)
}

func (c *collecting) postAs(tx pgx.Tx, id loyalty.EntryID, card loyalty.Card, seq int64) {
	c.t.Helper()
	program := card.Program
	_, err := tx.Exec(c.t.Context(), `INSERT INTO entries (id, merchant_id, operator_id, card_id, seq, kind, units,
		balance, program_id, version, method, captured_at, posted_at, hash) VALUES ($1, $2, $2, $3, $4, 1, 1, $4, $5, 1, 1, 1, 1, '')`,
		id[:], card.Merchant[:], card.ID[:], seq, program[:])
	if err != nil {
		c.t.Fatal(err)
	}
}

// millis are the first bytes of an id that was made then.
func millis(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli()))[2:]
}

func (c *collecting) commit(tx pgx.Tx) {
	c.t.Helper()
	if err := tx.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// Entries are told in the order of commits, neither in that of ids nor in that of
// transactions, and none is left out.
func TestCollectsInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	c := newCollecting(t)
	anna, ben := c.Card(t, c.Stamps, "anna"), c.Card(t, c.Stamps, "ben")

	// ben's entry is made first and committed last. Between, anna's second entry
	// is posted by an older transaction than her first, with another that runs on
	// between the two.
	held, second := c.begin(), c.begin()
	c.post(held, ben, 1)
	between, first := c.begin(), c.begin()
	c.tell()
	c.post(first, anna, 1)
	c.commit(first)
	c.post(second, anna, 2)
	c.tell()
	c.holds(anna, 1)
	c.commit(second)
	c.tell()
	c.holds(anna, 1, 2)
	c.holds(ben)
	c.commit(between)
	c.tell()
	c.commit(held)
	c.tell()
	c.tell()
	c.holds(anna, 1, 2)
	c.holds(ben, 1)
}

// A transaction that runs for longer than an id may be old keeps the floor down.
func TestCollectsWhatWasHeldForLong(t *testing.T) {
	t.Parallel()
	c := newCollecting(t)
	anna, ben := c.Card(t, c.Stamps, "anna"), c.Card(t, c.Stamps, "ben")
	held := c.begin()
	// As if collecting had begun two hours ago, and the transaction a little earlier.
	run(t, connect(t, c.URL), `UPDATE webhook_cursor SET floor = floor - 7200000000,
		seen = pg_current_snapshot()::text, writer = pg_current_xact_id()::text::bigint`)
	old := loyalty.EntryID(loyalty.NewID())
	copy(old[:6], millis(time.Now().Add(-time.Hour)))
	c.postAs(held, old, ben, 1)
	for seq := range int64(3) {
		tx := c.begin()
		c.post(tx, anna, seq+1)
		c.commit(tx)
		c.tell()
	}
	c.commit(held)
	c.tell()
	c.holds(anna, 1, 2, 3)
	c.holds(ben, 1)
}

// A backup may come back on a server that counts transactions from elsewhere:
// what was told may be told again, but nothing is lost.
func TestCollectsAfterARestore(t *testing.T) {
	t.Parallel()
	c := newCollecting(t)
	anna := c.Card(t, c.Stamps, "anna")
	run(t, connect(t, c.URL), "UPDATE webhook_cursor SET seen = '900000000000:900000000000:'")
	tx := c.begin()
	c.post(tx, anna, 1)
	c.commit(tx)
	c.tell()
	c.holds(anna, 1)
	c.tell()
	c.holds(anna, 1)
}

// Whoever collects fresh entries for a webhook waits for no page of its replay,
// however long that takes.
func TestCollectsBesideAReplay(t *testing.T) {
	t.Parallel()
	c := newCollecting(t)
	anna, ben := c.Card(t, c.Stamps, "anna"), c.Card(t, c.Stamps, "ben")
	first := c.begin()
	c.post(first, ben, 1)
	c.commit(first)
	if _, err := c.CollectEntries(t.Context(), loyaltytest.Now, 0); err != nil {
		t.Fatal(err)
	}
	run(t, connect(t, c.URL), "UPDATE webhooks SET replay_from = 1, replay_next = '00000000-0000-7000-8000-000000000000'")
	held := c.begin() // what the page is about to note
	run(t, held.Conn(), "SELECT 1 FROM deliveries FOR UPDATE")
	replayed := make(chan error, 1)
	go func() {
		cards, more, err := c.ReplayPage(t.Context(), c.hook.ID, loyaltytest.Now)
		if cards != 1 || more {
			t.Errorf("replayed %d cards, more %v", cards, more)
		}
		replayed <- err
	}()
	conn := connect(t, c.URL)
	for waiting := false; !waiting; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-replayed:
			t.Fatal("the page waited for nothing: ", err)
		default:
		}
		if err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid() "+
			"AND $1::integer = ANY (pg_blocking_pids(pid)))", held.Conn().PgConn().PID()).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	fresh := c.begin()
	c.post(fresh, anna, 1)
	c.commit(fresh)
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if cards, err := c.CollectEntries(soon, loyaltytest.Now, 0); cards != 1 || err != nil {
		t.Errorf("collected %d cards: %v", cards, err)
	}
	c.commit(held)
	if err := <-replayed; err != nil {
		t.Error(err)
	}
}

// Several processes collect at once while many post: each entry is noted once.
func TestCollectsOnceBetweenProcesses(t *testing.T) {
	t.Parallel()
	c := newCollecting(t)
	cards := []loyalty.Card{c.Card(t, c.Stamps, "anna"), c.Card(t, c.Stamps, "ben"), c.Card(t, c.Stamps, "cleo")}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := c.CollectEntries(t.Context(), loyaltytest.Now, 0); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	conn := connect(t, c.URL)
	for seq := range int64(60) {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range cards {
			c.post(tx, card, seq+1)
		}
		c.commit(tx)
		c.tell()
	}
	close(stop)
	<-stopped
	c.tell()
	for _, card := range cards {
		for i, seq := range c.told[card.ID] {
			if seq != int64(i)+1 {
				t.Fatalf("told %v", c.told[card.ID])
			}
		}
		if len(c.told[card.ID]) != 60 {
			t.Errorf("told %d entries, want 60", len(c.told[card.ID]))
		}
	}
}
