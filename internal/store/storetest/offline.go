package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// queueOf registers a queue of a till.
func (s *Shop) queueOf(t testing.TB, till loyalty.Till, key byte) loyalty.Queue {
	t.Helper()
	q, err := s.RegisterQueue(t.Context(), loyalty.Queue{
		ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Till: till.ID, Key: [64]byte{key}, Created: loyaltytest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// offlineEarn is what a till did at that moment, as item of its queue.
func offlineEarn(name string, card loyalty.CardID, till loyalty.Till, item loyalty.QueueItem, at time.Time) *loyalty.Command {
	return loyaltytest.Command(name, card, till, at, loyalty.Earning{Units: 1}, loyaltytest.Queued(item, loyalty.LeaseID{}))
}

func contested(item loyalty.QueueItem, till loyalty.Till, changes ...func(*loyalty.Contested)) loyalty.Contested {
	c := loyalty.Contested{
		ID: loyalty.NewID(), Item: item, Merchant: loyaltytest.Merchant, Till: till.ID, Captured: loyaltytest.Now, Synced: loyaltytest.Now,
		Action: loyalty.Earn, Code: loyalty.CooldownActive, Detail: "Too soon.",
	}
	for _, change := range changes {
		change(&c)
	}
	return c
}

// testQueues registers queues: one for each key and till, which knows how far it was
// synced.
func testQueues(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	q := shop.queueOf(t, shop.Front, 1)
	if again := shop.queueOf(t, shop.Front, 1); again != q {
		t.Errorf("registered again: %+v, want %+v", again, q)
	}
	other := shop.queueOf(t, shop.Front, 2)
	if back := shop.queueOf(t, shop.Back, 1); other.ID == q.ID || back.ID == q.ID {
		t.Error("another key or till has the same queue")
	}
	anna := shop.Card(t, shop.Stamps, "anna")
	item := loyalty.QueueItem{Queue: q.ID, Counter: 300, Hash: loyalty.Hash{1}}
	shop.Must(t, offlineEarn("one", anna.ID, shop.Front, item, loyaltytest.Now))
	if last := shop.queueOf(t, shop.Front, 1).Last; last != 300 {
		t.Errorf("synced up to %d", last)
	}
	if last := shop.queueOf(t, shop.Front, 2).Last; last != 0 {
		t.Errorf("another queue was synced up to %d", last)
	}
	for key := byte(3); key <= 100; key++ {
		shop.queueOf(t, shop.Front, key)
	}
	more := loyalty.Queue{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Till: shop.Front.ID, Key: [64]byte{101}, Created: loyaltytest.Now}
	if _, err := shop.RegisterQueue(t.Context(), more); !refusedWith(err, loyalty.TooManyQueues) {
		t.Errorf("one more than a till may have: %v", err)
	}
	if again := shop.queueOf(t, shop.Front, 2); again.ID != other.ID {
		t.Errorf("at a till that has all registered again: %+v", again)
	}
	found, err := shop.Queues(t.Context(), shop.Front.ID, []loyalty.QueueID{q.ID, q.ID, loyalty.NewID()})
	if err != nil || len(found) != 1 || found[q.ID].Key != q.Key {
		t.Errorf("found %+v, %v", found, err)
	}
	if elsewhere, err := shop.Queues(t.Context(), shop.Back.ID, []loyalty.QueueID{q.ID}); err != nil || len(elsewhere) != 0 {
		t.Errorf("another till found %+v, %v", elsewhere, err)
	}
}

// testItemsOnce settles items: each once, whatever else is done with its number.
func testItemsOnce(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	q := shop.queueOf(t, shop.Front, 1)
	anna := shop.Card(t, shop.Stamps, "anna")
	name := func(counter int64, hash byte) loyalty.QueueItem {
		return loyalty.QueueItem{Queue: q.ID, Counter: counter, Hash: loyalty.Hash{hash}}
	}
	try := func(what string, item loyalty.QueueItem) error {
		t.Helper()
		results, err := shop.Decide(t, offlineEarn(what, anna.ID, shop.Front, item, loyaltytest.Now))
		if err != nil {
			t.Fatal(err)
		}
		return results[0].Err
	}
	if err := try("new", name(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := try("the same again, by another request", name(1, 1)); !errors.Is(err, loyalty.ErrItemSettled) {
		t.Errorf("the same again: %v", err)
	}
	if err := try("another with its number", name(1, 2)); !refusedWith(err, loyalty.CounterReused) {
		t.Errorf("another with its number: %v", err)
	}
	rows := []loyalty.Contested{
		contested(name(2, 9), shop.Front), contested(name(1, 2), shop.Front), contested(name(1, 1), shop.Front), contested(name(2, 8), shop.Front),
	}
	settled, err := shop.Contest(t.Context(), rows)
	if err != nil || len(settled) != 4 {
		t.Fatalf("%+v, %v", settled, err)
	}
	for item, want := range map[loyalty.QueueItem]loyalty.Code{
		name(1, 1): "", name(1, 2): loyalty.CounterReused, name(2, 8): loyalty.CooldownActive, name(2, 9): loyalty.CounterReused,
	} {
		if got := settled[item]; got.Code != want || got.Entry.IsZero() != (want != "") {
			t.Errorf("item %d %x became %+v, want %q", item.Counter, item.Hash[0], got, want)
		}
	}
	again, err := shop.Contest(t.Context(), []loyalty.Contested{contested(name(2, 8), shop.Front)})
	if err != nil || again[name(2, 8)] != settled[name(2, 8)] {
		t.Errorf("contested again: %+v, %v", again, err)
	}
	if err := try("what was contested", name(2, 8)); !errors.Is(err, loyalty.ErrItemSettled) {
		t.Errorf("what was contested is posted: %v", err)
	}
	if read, err := shop.Settled(t.Context(), []loyalty.QueueItem{name(2, 9), name(3, 1)}); err != nil || read[name(2, 9)] != settled[name(2, 9)] || read[name(3, 1)] != (loyalty.Settled{}) {
		t.Errorf("read %+v, %v", read, err)
	}
	plain := loyaltytest.Command("plain", anna.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
	if facts := shop.read(t, *loyaltytest.Keys([]*loyalty.Command{plain})); facts.Items != nil || facts.Leases != nil {
		t.Errorf("read for a scan with a network: %+v, %+v", facts.Items, facts.Leases)
	}
	proven(t, shop, 1)
}

// testItemsRace sends the same items by two processes at once, some of which each
// wants to contest.
func testItemsRace(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	stores := []*Shop{shop, shop.sibling(t)}
	q := shop.queueOf(t, shop.Front, 1)
	const cards = 8
	all := make([]loyalty.Card, cards)
	for i := range all {
		all[i] = shop.Card(t, shop.Stamps, fmt.Sprint("card ", i))
	}
	var racing sync.WaitGroup
	for n, s := range stores {
		racing.Go(func() {
			for i := range all {
				item := loyalty.QueueItem{Queue: q.ID, Counter: int64(i) + 1, Hash: loyalty.Hash{1}}
				if i%2 == n {
					if _, err := s.Contest(t.Context(), []loyalty.Contested{contested(item, s.Front)}); err != nil {
						t.Error(err)
					}
					continue
				}
				for attempt := 0; ; attempt++ {
					_, err := s.Decide(t, offlineEarn(fmt.Sprint(n, i), all[i].ID, s.Front, item, loyaltytest.Now))
					if errors.Is(err, loyalty.ErrConflict) && attempt < 10 {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					break
				}
			}
		})
	}
	racing.Wait()
	for i, card := range all {
		item := loyalty.QueueItem{Queue: q.ID, Counter: int64(i) + 1, Hash: loyalty.Hash{1}}
		settled, err := shop.Settled(t.Context(), []loyalty.QueueItem{item})
		if err != nil || len(settled) != 1 {
			t.Fatalf("%+v, %v", settled, err)
		}
		entries, err := shop.Entries(t.Context(), loyaltytest.Merchant, card.ID, 1<<40, 10)
		if err != nil {
			t.Fatal(err)
		}
		if posted := len(entries) == 1 && settled[item].Entry == entries[0].ID; posted != settled[item].Contested.IsZero() || len(entries) > 1 {
			t.Errorf("item %d is %+v, its card has %d entries", i, settled[item], len(entries))
		}
	}
	proven(t, shop, cards)
}

// testLeases takes leases and uses them up.
func testLeases(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	take := func(now time.Time) loyalty.Lease {
		t.Helper()
		lease, err := shop.TakeLease(t.Context(), loyaltytest.Merchant, shop.Front.ID, now)
		if err != nil {
			t.Fatal(err)
		}
		return lease
	}
	first := take(loyaltytest.Now)
	if first.Redemptions != 5 || first.Used != 0 || !first.Expires.Equal(loyaltytest.Now.Add(12*time.Hour)) {
		t.Errorf("the first is %+v", first)
	}
	q := shop.queueOf(t, shop.Front, 1)
	anna := shop.Card(t, shop.Stamps, "anna")
	shop.Must(t, loyaltytest.Command("ten", anna.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 10}))
	redeem := func(counter int64) *loyalty.Command {
		item := loyalty.QueueItem{Queue: q.ID, Counter: counter, Hash: loyalty.Hash{1}}
		return loyaltytest.Command(fmt.Sprint("redeem ", counter), anna.ID, shop.Front, loyaltytest.Now,
			loyalty.Redemption{Reward: loyaltytest.Cone}, loyaltytest.Queued(item, first.ID))
	}
	shop.Must(t, redeem(1))
	later := loyaltytest.Now.Add(time.Hour)
	if next := take(later); next.ID != first.ID || next.Used != 1 || !next.Expires.Equal(later.Add(12*time.Hour)) {
		t.Errorf("while one lasts the next is %+v", next)
	}
	for counter := range int64(4) {
		lost := contested(loyalty.QueueItem{Queue: q.ID, Counter: 10 + counter}, shop.Front, func(c *loyalty.Contested) {
			c.Action, c.Lease, c.Voucher = loyalty.Redeem, first.ID, loyalty.NewID()
		})
		if _, err := shop.Contest(t.Context(), []loyalty.Contested{lost, lost}); err != nil {
			t.Fatal(err)
		}
	}
	results, err := shop.Decide(t, redeem(2))
	if err != nil || !refusedWith(results[0].Err, loyalty.LeaseExhausted) {
		t.Errorf("the sixth: %v, %v", results, err)
	}
	if next := take(later); next.ID == first.ID || next.Used != 0 {
		t.Errorf("when all was synced the next is %+v", next)
	}
	if next := take(later.Add(13 * time.Hour)); next.ID == first.ID || next.Issued.Equal(later) {
		t.Errorf("when one has ended the next is %+v", next)
	}
	_, err = shop.ChangeTill(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, shop.Front.ID, func(l *loyalty.TillListing) (loyalty.Answer, error) {
		l.Lease.Redemptions = 0
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.TakeLease(t.Context(), loyaltytest.Merchant, shop.Front.ID, later); !refusedWith(err, loyalty.LeaseNotAllowed) {
		t.Errorf("where none is allowed: %v", err)
	}
	open, losses, err := shop.OpenContested(t.Context(), loyaltytest.Merchant)
	if err != nil || open != 4 || losses != 4 {
		t.Errorf("%d open, %d losses, %v", open, losses, err)
	}
	proven(t, shop, 1)
}

// testContested lists items and settles one.
func testContested(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	q := shop.queueOf(t, shop.Front, 1)
	anna := shop.Card(t, shop.Stamps, "anna")
	full := contested(loyalty.QueueItem{Queue: q.ID, Counter: 1, Hash: loyalty.Hash{1}}, shop.Front, func(c *loyalty.Contested) {
		c.Staff, c.Card, c.Method = loyalty.NewID(), anna.ID, loyalty.Rotating
		c.Units, c.Total, c.Currency, c.Voucher = 3, 1250, "EUR", loyalty.NewID()
	})
	plain := contested(loyalty.QueueItem{Queue: q.ID, Counter: 2, Hash: loyalty.Hash{1}}, shop.Back)
	if _, err := shop.Contest(t.Context(), []loyalty.Contested{full, plain}); err != nil {
		t.Fatal(err)
	}
	list := func(till loyalty.TillID, open, settled bool) []loyalty.Contested {
		t.Helper()
		items, err := shop.ContestedItems(t.Context(), loyaltytest.Merchant, till, open, settled, loyalty.ContestedID{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return items
	}
	if got := list(loyalty.TillID{}, true, false); len(got) != 2 || got[0] != plain || got[1] != full {
		t.Errorf("listed %+v\nwant %+v", got, []loyalty.Contested{plain, full})
	}
	settle := func(m loyalty.MerchantID) error {
		_, err := shop.SettleContested(t.Context(), loyalty.Answer{}, m, full.ID, "Credited", loyaltytest.Now, func(c *loyalty.Contested) (loyalty.Answer, error) {
			if c.Note != "Credited" {
				t.Errorf("rendered %+v", c)
			}
			return loyalty.Answer{}, nil
		})
		return err
	}
	if err := settle(loyalty.NewID()); !refusedWith(err, loyalty.ContestedNotFound) {
		t.Errorf("another merchant: %v", err)
	}
	if err := settle(loyaltytest.Merchant); err != nil {
		t.Error(err)
	}
	if err := settle(loyaltytest.Merchant); !refusedWith(err, loyalty.ContestedSettled) {
		t.Errorf("settled twice: %v", err)
	}
	if got := list(shop.Front.ID, false, true); len(got) != 1 || got[0].Note != "Credited" || got[0].Settled.IsZero() {
		t.Errorf("settled ones: %+v", got)
	}
	if got := list(shop.Front.ID, true, false); len(got) != 0 {
		t.Errorf("open ones of that till: %+v", got)
	}
	if got := list(loyalty.TillID{}, true, true); len(got) != 2 {
		t.Errorf("all: %+v", got)
	}
	if got, err := shop.CardContested(t.Context(), loyaltytest.Merchant, anna.ID, loyalty.ContestedID{}, 10); err != nil || len(got) != 1 || got[0].ID != full.ID {
		t.Errorf("of the card: %+v, %v", got, err)
	}
	if got, err := shop.CardContested(t.Context(), loyalty.NewID(), anna.ID, loyalty.ContestedID{}, 10); err != nil || len(got) != 0 {
		t.Errorf("of the card, told to another merchant: %+v, %v", got, err)
	}
	if err := shop.EraseCard(t.Context(), loyaltytest.Merchant, anna.ID, loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	if got := list(shop.Front.ID, true, true); len(got) != 1 || got[0].Note != "" || got[0].Total != 0 || got[0].Currency != "" || got[0].Card != anna.ID {
		t.Errorf("after the card was erased: %+v", got)
	}
}
