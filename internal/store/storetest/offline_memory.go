package storetest

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testOfflineMemory forgets what became of items when none can come again, but never
// what is open, nor how far a queue was synced.
func testOfflineMemory(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	now, m := loyaltytest.Now, loyaltytest.Merchant
	q, other := shop.queueOf(t, shop.Front, 1), shop.queueOf(t, shop.Front, 2)
	anna := shop.Card(t, shop.Stamps, "anna")
	name := func(q loyalty.Queue, counter int64) loyalty.QueueItem {
		return loyalty.QueueItem{Queue: q.ID, Counter: counter, Hash: loyalty.Hash{1}}
	}
	posted, open, settled, last, alone := name(q, 1), name(q, 2), name(q, 3), name(q, 4), name(other, 1)
	for i, item := range []loyalty.QueueItem{posted, last, alone} {
		shop.Must(t, offlineEarn(string(rune('a'+i)), anna.ID, shop.Front, item, now))
	}
	rows := []loyalty.Contested{contested(open, shop.Front), contested(settled, shop.Front)}
	if _, err := shop.Contest(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	_, err := shop.SettleContested(t.Context(), loyalty.Answer{}, m, rows[1].ID, "Credited", now.Add(time.Hour),
		func(*loyalty.Contested) (loyalty.Answer, error) { return loyalty.Answer{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	lease, err := shop.TakeLease(t.Context(), m, shop.Front.ID, now)
	if err != nil {
		t.Fatal(err)
	}
	remembered := func(at time.Time, want ...loyalty.QueueItem) {
		t.Helper()
		if _, err := shop.Prune(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		got, err := shop.Settled(t.Context(), []loyalty.QueueItem{posted, open, settled, last, alone})
		if err != nil || len(got) != len(want) {
			t.Errorf("%d items are known, want %d: %v", len(got), len(want), err)
		}
		for _, item := range want {
			if _, found := got[item]; !found {
				t.Errorf("item %d is forgotten", item.Counter)
			}
		}
	}
	over := now.Add(loyalty.ItemMemory)
	remembered(over.Add(-time.Microsecond), posted, open, settled, last, alone)
	remembered(over, open, settled, last, alone)
	remembered(over.Add(time.Hour), open, last, alone)
	if got := shop.queueOf(t, shop.Front, 1).Last; got != 4 {
		t.Errorf("synced up to %d", got)
	}
	if next, err := shop.TakeLease(t.Context(), m, shop.Front.ID, now); err != nil || next.ID != lease.ID {
		t.Errorf("the lease that ended less than that ago: %+v, %v", next, err)
	}
	remembered(lease.Expires.Add(loyalty.ItemMemory), open, last, alone)
	if next, err := shop.TakeLease(t.Context(), m, shop.Front.ID, now); err != nil || next.ID == lease.ID {
		t.Errorf("the lease that ended so long ago: %+v, %v", next, err)
	}
	proven(t, shop, 1)
}
