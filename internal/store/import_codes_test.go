package store_test

import (
	"fmt"
	"slices"
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

// imports are a shop on PostgreSQL whose points buy codes of a partner.
type imports struct {
	*storetest.Shop
	program *loyalty.Program
}

func newImports(t *testing.T) *imports {
	t.Helper()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) {
		r.Rewards = []loyalty.Reward{{ID: loyaltytest.Partner, Name: "A book voucher", Cost: 3, RewardTerms: loyalty.RewardTerms{Kind: loyalty.PartnerCode}}}
	})
	program.ID = loyaltytest.ID("program of imports")
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*program, loyaltytest.Now) })
	return &imports{shop, program}
}

// file is a batch of codes whose texts have these numbers.
func file(name string, from, to int) *loyalty.CodeBatch {
	b := &loyalty.CodeBatch{Merchant: loyaltytest.Merchant, Reward: loyaltytest.Partner, Import: loyaltytest.ID(name)}
	for i := from; i < to; i++ {
		text := loyaltytest.ID(fmt.Sprint("text ", i))
		code := loyalty.GiftCode{
			ID: loyalty.NewID(), Merchant: b.Merchant, Reward: b.Reward, Import: b.Import, Imported: loyaltytest.Now, Sealed: []byte(name),
		}
		copy(code.Fingerprint[:], text[:])
		b.Codes = append(b.Codes, loyalty.NewCode{GiftCode: code})
	}
	return b
}

// take imports a batch, and returns what of it was there.
func (i *imports) take(t *testing.T, b *loyalty.CodeBatch) (there []int) {
	_, err := i.ImportCodes(t.Context(), loyalty.Answer{}, b, loyaltytest.Now, func(known []int, _ int64) (loyalty.Answer, error) {
		there = known
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Errorf("import: %v", err)
	}
	return there
}

func (i *imports) buy(t *testing.T, name string) *loyalty.Decision {
	card := i.Card(t, i.program, name, func(c *loyalty.Card) { c.Balance, c.Lifetime = 3, 3 })
	return i.Must(t, loyaltytest.Command("buy "+name, card.ID, i.Front, loyaltytest.Now, loyalty.Redemption{Reward: loyaltytest.Partner}))
}

// While an import waits in the middle of its codes, tills hand out of the pool; and what
// somebody else has imported by then is told as there.
func TestImportLetsTillsGoOn(t *testing.T) {
	shop := newImports(t)
	shop.take(t, file("first", 0, 10))
	conn := shop.half(t, 15)
	there := make(chan []int)
	go func() { there <- shop.take(t, file("second", 12, 20)) }()
	waiting(t, shop.URL)
	if d := shop.buy(t, "anna"); len(d.Codes) != 1 {
		t.Errorf("meanwhile anna gets %+v", d.Codes)
	}
	run(t, conn, "COMMIT")
	if got := <-there; !slices.Equal(got, []int{3}) {
		t.Errorf("there were %v, want the fourth", got)
	}
}

// What is withdrawn while an import that has it, too, waits in the middle of its codes is
// imported anew: the pool has all that the import was told of.
func TestImportBesideWithdrawal(t *testing.T) {
	shop := newImports(t)
	first := file("first", 0, 10)
	shop.take(t, first)
	conn := shop.half(t, 15)
	there := make(chan []int)
	go func() { there <- shop.take(t, file("second", 8, 20)) }()
	waiting(t, shop.URL)
	removed := int64(0)
	_, err := shop.WithdrawCodes(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loyaltytest.Partner, first.Codes[0].Import, func(n int64) (loyalty.Answer, error) {
		removed = n
		return loyalty.Answer{}, nil
	})
	if err != nil || removed != 10 {
		t.Errorf("%d codes are withdrawn, %v", removed, err)
	}
	run(t, conn, "ROLLBACK")
	if got := <-there; len(got) > 0 {
		t.Errorf("there were %v, want none", got)
	}
	pool, err := shop.CodePool(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyaltytest.Now)
	if err != nil || pool.Free != 12 {
		t.Errorf("%d codes are free, want twelve: %v", pool.Free, err)
	}
}

// half has imported the code of one number, and has not yet said whether that holds.
func (i *imports) half(t *testing.T, number int) *pgx.Conn {
	t.Helper()
	conn := connect(t, i.URL)
	run(t, conn, "BEGIN")
	row := file("other", number, number+1).Codes[0]
	_, err := conn.Exec(t.Context(), "INSERT INTO codes (expires_at, imported_at, id, reward_id, import_id, merchant_id, sealed, fingerprint) VALUES (9223372036854775807, 1, $1, $2, $3, $4, '', $5)",
		[16]byte(row.ID), [16]byte(row.Reward), [16]byte(row.Import), [16]byte(row.Merchant), row.Fingerprint[:])
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// waiting returns when somebody waits for a lock.
func waiting(t *testing.T, url string) {
	t.Helper()
	conn := connect(t, url)
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR NOT granted AND locktype = 'transactionid'").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

// Two files that have half of their codes in common are imported at once while tills
// hand out: no code comes or goes twice, and none is lost.
func TestImportsAndRedemptionsAtOnce(t *testing.T) {
	shop := newImports(t)
	shop.take(t, file("start", 0, 40))
	const each, shared = 20_000, 10_000
	files := []*loyalty.CodeBatch{file("left", 100, 100+each), file("right", 100+each-shared, 100+2*each-shared)}
	slices.Reverse(files[1].Codes)
	var all sync.WaitGroup
	there := make([][]int, len(files))
	for i, b := range files {
		all.Go(func() { there[i] = shop.take(t, b) })
	}
	var mu sync.Mutex
	went := map[loyalty.GiftCodeID]int{}
	for i := range 4 {
		all.Go(func() {
			for n := range 10 {
				d := shop.buy(t, fmt.Sprint("till ", i, " customer ", n))
				mu.Lock()
				for _, code := range d.Codes {
					went[code.ID]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(went) != 40 {
		t.Errorf("%d codes went to 40 customers", len(went))
	}
	if known := len(there[0]) + len(there[1]); known != shared {
		t.Errorf("%d and %d codes were told as there, want %d together", len(there[0]), len(there[1]), shared)
	}
	pool, err := shop.CodePool(t.Context(), loyaltytest.Merchant, loyaltytest.Partner, loyaltytest.Now)
	if want := (loyalty.CodeCounts{Free: 2*each - shared, Taken: 40}); err != nil || pool.CodeCounts != want {
		t.Errorf("the pool has %+v, want %+v: %v", pool.CodeCounts, want, err)
	}
}
