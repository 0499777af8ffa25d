package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// manyEntries posts 900 entries to each of some cards, one card after the other:
// 819 stamps, and each time that the card is full.
func manyEntries(t *testing.T, shop *storetest.Shop, cards ...string) []loyalty.CardID {
	t.Helper()
	ids := make([]loyalty.CardID, len(cards))
	for i, name := range cards {
		ids[i] = shop.Card(t, shop.Stamps, name).ID
		batch := make([]*loyalty.Command, 819)
		for n := range batch {
			batch[n] = loyaltytest.Command(fmt.Sprint(name, n), ids[i], shop.Front, loyaltytest.Now,
				loyalty.Earning{Units: 1})
		}
		err := shop.Post(t.Context(), *loyaltytest.Keys(batch), func(f *loyalty.Facts) loyalty.Writes {
			var w loyalty.Writes
			for _, c := range batch {
				d, err := loyalty.Decide(f, c, loyaltytest.Now, loyalty.NewID)
				if err != nil {
					t.Error(err)
					return w
				}
				f.Apply(d)
				w.Add(d)
			}
			return w
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func hookOf(t *testing.T, shop *storetest.Shop) loyalty.WebhookID {
	t.Helper()
	w := loyalty.Webhook{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, URL: "https://example.com", Kinds: loyalty.AllKinds,
		Created: loyaltytest.Now, Secret: []byte("sealed"),
	}
	if _, err := shop.AddWebhook(t.Context(), loyalty.Answer{}, w, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	return w.ID
}

// noted is what waits, by card: from which Seq to which.
func noted(t *testing.T, shop *storetest.Shop, id loyalty.WebhookID) map[loyalty.CardID]string {
	t.Helper()
	waiting, err := shop.Deliveries(t.Context(), id, false, loyalty.EntryID{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	found := map[loyalty.CardID]string{}
	for _, d := range waiting {
		found[d.Card] = fmt.Sprint(d.First, " to ", d.Last)
	}
	return found
}

// On SQLite, whose one writer scans wait for, no transaction reads more than a
// page of the ledger, whatever piled up.
func TestCollectsInPages(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, filepath.Join(t.TempDir(), "x.db"))
	id := hookOf(t, shop)
	cards := manyEntries(t, shop, "anna", "ben")
	for _, want := range []map[loyalty.CardID]string{
		{cards[0]: "1 to 900", cards[1]: fmt.Sprint("1 to ", store.PageOfEntries-900)},
		{cards[0]: "1 to 900", cards[1]: "1 to 900"},
	} {
		if _, err := shop.CollectPage(t.Context(), loyaltytest.Now); err != nil {
			t.Fatal(err)
		}
		if got := noted(t, shop, id); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("noted %v, want %v", got, want)
		}
	}
	if cards, err := shop.CollectEntries(t.Context(), loyaltytest.Now, 0); err != nil || cards != 0 {
		t.Errorf("%d more cards, %v", cards, err)
	}
}

// A replay goes through the ledger page by page, and notes each card once, whole.
func TestReplaysInPages(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "x.db") },
		"PostgreSQL": func(t testing.TB) string { return enginetest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := storetest.NewShop(t, fresh(t))
			cards := manyEntries(t, shop, "anna", "ben", "cleo")
			id := hookOf(t, shop)
			render := func(time.Time) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
			if _, err := shop.ReplayWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, id, loyaltytest.Now, render); err != nil {
				t.Fatal(err)
			}
			for i, want := range []int64{2, 1, 0, 0} {
				got, more, err := shop.ReplayPage(t.Context(), id, loyaltytest.Now)
				if err != nil || got != want || more != (i < 2) {
					t.Errorf("page %d: %d cards, more %v, want %d: %v", i+1, got, more, want, err)
				}
			}
			want := map[loyalty.CardID]string{cards[0]: "1 to 900", cards[1]: "1 to 900", cards[2]: "1 to 900"}
			if got := noted(t, shop, id); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("noted %v, want %v", got, want)
			}
		})
	}
}
