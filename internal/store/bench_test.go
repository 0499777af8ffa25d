package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
)

// BenchmarkPost posts batches of earns, each by a fresh code on another card and
// with an answer to keep. The figure of interest is µs/scan.
func BenchmarkPost(b *testing.B) {
	databases := map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "stempel.db") },
		"postgres": enginetest.Postgres,
	}
	for _, name := range []string{"sqlite", "postgres"} {
		for _, size := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				benchmarkPost(b, storetest.NewShop(b, databases[name](b)), size)
			})
		}
	}
}

func benchmarkPost(b *testing.B, shop *storetest.Shop, size int) {
	cards := make([]loyalty.Card, 10_000)
	for i := range cards {
		cards[i] = loyalty.NewCard(loyalty.NewID(), shop.Stamps, loyaltytest.Now)
	}
	if err := shop.InsertCards(b.Context(), cards); err != nil {
		b.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 900)
	now, n := loyaltytest.Now, uint64(0)
	batch := make([]loyalty.Command, size)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		var keys loyalty.Keys
		for i := range batch {
			n++
			batch[i] = earn(shop, cards[n%uint64(len(cards))].ID, n, now)
			keys.Add(&batch[i])
		}
		err := shop.Post(b.Context(), keys, func(f *loyalty.Facts) loyalty.Writes {
			var w loyalty.Writes
			for i := range batch {
				d, err := loyalty.Decide(f, &batch[i], now, loyalty.NewID)
				if err != nil {
					b.Fatal(err)
				}
				f.Apply(d)
				w.Add(d)
				w.Answers = append(w.Answers, loyalty.Answer{
					Request: batch[i].Request, Card: d.Card.ID, Status: 200, Body: body, Expires: now.Add(time.Hour),
				})
			}
			return w
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/scan")
}

func earn(shop *storetest.Shop, card loyalty.CardID, n uint64, now time.Time) loyalty.Command {
	name := binary.BigEndian.AppendUint64(nil, n)
	c := loyalty.Command{
		Merchant: loyaltytest.Merchant, Card: card, Do: loyalty.Earning{Units: 1},
		Till: shop.Front.ID, Location: shop.Front.Location, Captured: now, Request: sha256.Sum256(name),
		Scan: loyalty.Scanned{Method: loyalty.Live, Nonce: loyalty.NewNonce(loyalty.Live, card, name), Expires: now},
	}
	c.Scan.ID = loyaltytest.ScanID(c.Scan.Nonce, c.Till)
	return c
}
