package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// earn posts n entries to a card, under ids as they are made in the field.
func (s *Shop) earn(t testing.TB, card loyalty.CardID, n int) {
	t.Helper()
	for range n {
		c := loyaltytest.Command(fmt.Sprint(loyalty.EntryID(loyalty.NewID())), card, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
		err := s.Post(t.Context(), *loyaltytest.Keys([]*loyalty.Command{c}), func(f *loyalty.Facts) loyalty.Writes {
			var w loyalty.Writes
			d, err := loyalty.Decide(f, c, loyaltytest.Now, loyalty.NewID)
			if err != nil {
				t.Error(err)
				return w
			}
			w.Add(d)
			return w
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *Shop) collect(t testing.TB, want int64) {
	t.Helper()
	if cards, err := s.CollectEntries(t.Context(), loyaltytest.Now, 0); err != nil || cards != want {
		t.Fatalf("collected %d cards, want %d: %v", cards, want, err)
	}
}

// claim claims all that is due.
func (s *Shop) claim(t testing.TB, w loyalty.WebhookID, now time.Time) []loyalty.Leased {
	t.Helper()
	claimed, err := s.ClaimDeliveries(t.Context(), w, now, now.Add(time.Minute), 100)
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

func (s *Shop) settle(t testing.TB, c *loyalty.Leased, became loyalty.Settlement, want bool) {
	t.Helper()
	if settled, err := s.SettleDelivery(t.Context(), c, &became); err != nil || settled != want {
		t.Fatalf("settled: %v, %v", settled, err)
	}
}

// seqs are those of the entries of a delivery.
func (s *Shop) seqs(t testing.TB, c *loyalty.Leased, kinds loyalty.Kinds) (seqs []int64) {
	t.Helper()
	entries, err := s.DeliveryEntries(t.Context(), &c.Delivery, kinds, c.First, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Card != c.Card {
			t.Errorf("%s is of another card", e.ID)
		}
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// testCollect holds which entries are noted, for whom, and how often: once.
func testCollect(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, ben := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "ben")
	shop.earn(t, anna.ID, 1)
	shop.collect(t, 0) // nobody is to be told
	all := shop.hook(t, "all")
	shop.collect(t, 0)
	completes := shop.hook(t, "completes", func(w *loyalty.Webhook) { w.Kinds = loyalty.KindsOf(loyalty.Complete) })
	shop.hook(t, "disabled", func(w *loyalty.Webhook) { w.Disabled = loyaltytest.Now.Add(-31 * 24 * time.Hour) })
	shop.hook(t, "foreign", func(w *loyalty.Webhook) { w.Merchant = loyaltytest.Stranger })
	shop.earn(t, anna.ID, 3)
	shop.earn(t, ben.ID, 10)
	shop.collect(t, 3) // anna and ben for all, ben for completes
	shop.collect(t, 0)

	due, err := shop.DueWebhooks(t.Context(), loyaltytest.Now)
	if err != nil || len(due) != 2 {
		t.Errorf("due: %+v, %v", due, err)
	}
	found := map[loyalty.CardID][]int64{}
	claimed := shop.claim(t, all.ID, loyaltytest.Now)
	for _, c := range claimed {
		found[c.Card] = shop.seqs(t, &c, loyalty.AllKinds)
	}
	want := map[loyalty.CardID][]int64{anna.ID: {2, 3, 4}, ben.ID: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("noted %v, want %v", found, want)
	}
	only := shop.claim(t, completes.ID, loyaltytest.Now)
	if len(only) != 1 || !reflect.DeepEqual(shop.seqs(t, &only[0], completes.Kinds), []int64{11}) {
		t.Errorf("noted %+v", only)
	}
	if twice := shop.claim(t, all.ID, loyaltytest.Now); len(twice) > 0 {
		t.Errorf("claimed twice: %+v", twice)
	}

	// More comes in while somebody tells the first.
	shop.earn(t, anna.ID, 2)
	shop.collect(t, 1)
	for i := range claimed {
		shop.settle(t, &claimed[i], loyalty.Settlement{Through: claimed[i].Last, At: loyaltytest.Now}, true)
	}
	rest := shop.claim(t, all.ID, loyaltytest.Now)
	if len(rest) != 1 || !reflect.DeepEqual(shop.seqs(t, &rest[0], loyalty.AllKinds), []int64{5, 6}) {
		t.Fatalf("what came in meanwhile: %+v", rest)
	}
	if head, err := shop.Entry(t.Context(), loyaltytest.Merchant, rest[0].Entry); err != nil || head.Seq != 5 {
		t.Errorf("it is called by %+v, %v", head, err)
	}
	shop.settle(t, &rest[0], loyalty.Settlement{Through: 6, At: loyaltytest.Now}, true)
	if left := shop.claim(t, all.ID, loyaltytest.Now.Add(time.Hour)); len(left) > 0 {
		t.Errorf("told and still there: %+v", left)
	}
}

// testSettle holds what failures do: wait, dead letters, replays, lost leases.
func testSettle(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	hook := shop.hook(t, "all")
	anna := shop.Card(t, shop.Stamps, "anna")
	shop.earn(t, anna.ID, 3)
	shop.collect(t, 1)
	now := loyaltytest.Now
	c := shop.claim(t, hook.ID, now)[0]
	entries, err := shop.DeliveryEntries(t.Context(), &c.Delivery, loyalty.AllKinds, 1, 10)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}

	// The second entry is not taken: told again later, and not before.
	wait := loyalty.Settlement{
		Through: 1, Next: entries[1].ID, NextSeq: 2, Status: 500, Problem: "no", Due: now.Add(time.Hour), At: now,
		Judge: func(int64, time.Time) (time.Time, bool) { return now.Add(time.Minute), false },
	}
	shop.settle(t, &c, wait, true)
	shop.settle(t, &c, wait, false) // it is not ours any more
	waiting, err := shop.Deliveries(t.Context(), hook.ID, false, loyalty.EntryID{}, 10)
	want := loyalty.Delivery{
		Webhook: hook.ID, Card: anna.ID, Entry: entries[1].ID, First: 2, Last: 3, Attempts: 1, Status: 500, Problem: "no", Tried: now, Due: now.Add(time.Hour),
	}
	if err != nil || len(waiting) != 1 || waiting[0] != want {
		t.Errorf("waiting %+v, want %+v: %v", waiting, want, err)
	}
	if early := shop.claim(t, hook.ID, now.Add(time.Hour-1)); len(early) > 0 {
		t.Errorf("claimed too early: %+v", early)
	}
	if due, err := shop.DueWebhooks(t.Context(), now.Add(time.Hour)); err != nil || len(due) != 1 || due[0].Failures != 1 || !due[0].FailingSince.Equal(now) {
		t.Errorf("due %+v, %v", due, err)
	}

	// A worker that died: another has its card when the lease ends.
	at := now.Add(time.Hour)
	lost := shop.claim(t, hook.ID, at)[0]
	at = at.Add(time.Minute)
	c = shop.claim(t, hook.ID, at)[0]
	shop.settle(t, &lost, loyalty.Settlement{Through: 3, At: at}, false)

	// Given up: a dead letter, and the third entry has its turn.
	shop.settle(t, &c, loyalty.Settlement{Through: 1, Next: entries[1].ID, NextSeq: 2, Status: 410, Problem: "gone", At: at}, true)
	dead, err := shop.Deliveries(t.Context(), hook.ID, true, loyalty.EntryID{}, 10)
	want = loyalty.Delivery{
		Webhook: hook.ID, Card: anna.ID, Entry: entries[1].ID, First: 2, Last: 2, Dead: true, Attempts: 2, Status: 410, Problem: "gone", Tried: at,
	}
	if err != nil || len(dead) != 1 || dead[0] != want {
		t.Errorf("dead %+v, want %+v: %v", dead, want, err)
	}
	if b, err := shop.Backlog(t.Context()); err != nil || b.Waiting != 1 || b.Dead != 1 || time.Since(b.Oldest).Abs() > time.Hour {
		t.Errorf("backlog %+v, %v", b, err)
	}
	c = shop.claim(t, hook.ID, at)[0]
	if !reflect.DeepEqual(shop.seqs(t, &c, loyalty.AllKinds), []int64{3}) || c.Attempts != 0 {
		t.Errorf("then %+v", c)
	}
	shop.settle(t, &c, loyalty.Settlement{Through: 3, At: at}, true)
	if w, err := shop.Webhook(t.Context(), hook.Merchant, hook.ID); err != nil || w.Failures != 0 || !w.FailingSince.IsZero() || !w.RestUntil.IsZero() {
		t.Errorf("after a success %+v, %v", w, err)
	}

	// The dead letter, when somebody asks for it, once per request.
	retry := func(d *loyalty.Delivery) (loyalty.Answer, error) {
		if !d.Dead || !d.Due.Equal(at) {
			t.Errorf("retried %+v", d)
		}
		return loyalty.Answer{}, nil
	}
	if _, err := shop.RetryDelivery(t.Context(), loyalty.Answer{}, hook.Merchant, hook.ID, entries[1].ID, at, retry); err != nil {
		t.Fatal(err)
	}
	c = shop.claim(t, hook.ID, at)[0]
	giveUp := func(failures int64, since time.Time) (time.Time, bool) {
		if failures != 1 || !since.Equal(at) {
			t.Errorf("%d failures since %s", failures, since)
		}
		return time.Time{}, true
	}
	if !c.Dead || !reflect.DeepEqual(shop.seqs(t, &c, loyalty.AllKinds), []int64{2}) {
		t.Errorf("the dead letter: %+v", c)
	}
	shop.settle(t, &c, loyalty.Settlement{Through: 1, Next: entries[1].ID, NextSeq: 2, Status: 410, Problem: "gone", At: at, Judge: giveUp}, true)
	if again := shop.claim(t, hook.ID, at.Add(time.Hour)); len(again) > 0 {
		t.Errorf("retried by itself: %+v", again)
	}
	if w, err := shop.Webhook(t.Context(), hook.Merchant, hook.ID); err != nil || w.Enabled() {
		t.Errorf("given up: %+v, %v", w, err)
	}
}

// testBacklog holds that what waits for a disabled webhook is not late.
func testBacklog(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	hook, other := shop.hook(t, "all"), shop.hook(t, "other")
	shop.earn(t, shop.Card(t, shop.Stamps, "anna").ID, 1)
	shop.collect(t, 2)
	waiting := func(want int64) {
		t.Helper()
		if b, err := shop.Backlog(t.Context()); err != nil || b.Waiting != want || b.Oldest.IsZero() != (want == 0) {
			t.Errorf("backlog %+v, want %d: %v", b, want, err)
		}
	}
	waiting(2)
	for i, w := range []loyalty.Webhook{hook, other} {
		shop.enable(t, w, false, loyaltytest.Now)
		waiting(int64(1 - i))
	}
	shop.enable(t, hook, true, loyaltytest.Now)
	waiting(1)
}
