package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// hook stores a webhook of the shop.
func (s *Shop) hook(t testing.TB, name string, changes ...func(*loyalty.Webhook)) loyalty.Webhook {
	t.Helper()
	w := loyalty.Webhook{
		ID: loyaltytest.ID("webhook " + name), Merchant: loyaltytest.Merchant, URL: "https://example.com/" + name,
		Kinds: loyalty.AllKinds, Created: loyaltytest.Now, Secret: []byte("sealed"),
	}
	for _, change := range changes {
		change(&w)
	}
	if _, err := s.AddWebhook(t.Context(), loyalty.Answer{}, w, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	return w
}

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

// goOn goes on with all replays to their ends.
func (s *Shop) goOn(t testing.TB, want int64) {
	t.Helper()
	replaying, err := s.ReplayingWebhooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var noted int64
	for _, w := range replaying {
		for more := true; more; {
			var cards int64
			if cards, more, err = s.ReplayPage(t.Context(), w.ID, loyaltytest.Now); err != nil {
				t.Fatal(err)
			}
			noted += cards
		}
	}
	if noted != want {
		t.Fatalf("replayed %d cards, want %d", noted, want)
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

// testWebhooks holds what the office does with webhooks.
func testWebhooks(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	var want loyalty.Webhook
	fill(&want)
	want.ID, want.Merchant, want.Kinds = loyaltytest.ID("webhook"), loyaltytest.Merchant, loyalty.AllKinds
	if _, err := shop.AddWebhook(t.Context(), loyalty.Answer{}, want, loyalty.Answer{}); err != nil {
		t.Fatal(err)
	}
	if got, err := shop.Webhook(t.Context(), want.Merchant, want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v: %v", got, want, err)
	}
	want.URL, want.Failures, want.Previous, want.PreviousUntil = "https://example.org", 0, nil, time.Time{}
	change := func(w *loyalty.Webhook) (loyalty.Answer, error) { *w = want; return loyalty.Answer{}, nil }
	if _, err := shop.ChangeWebhook(t.Context(), loyalty.Answer{}, want.Merchant, want.ID, loyaltytest.Now, change); err != nil {
		t.Fatal(err)
	}
	second := shop.hook(t, "second")
	list, err := shop.Webhooks(t.Context(), want.Merchant, loyalty.WebhookID{}, 10)
	if err != nil || len(list) != 2 || list[0].ID.Compare(list[1].ID) < 0 {
		t.Errorf("list %+v, %v", list, err)
	}
	for _, w := range list {
		if expected := map[loyalty.WebhookID]loyalty.Webhook{want.ID: want, second.ID: second}[w.ID]; !reflect.DeepEqual(w, expected) {
			t.Errorf("got %+v, want %+v", w, expected)
		}
	}
	gone := func(*loyalty.Webhook) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	for name, err := range map[string]error{
		"read":   errorOf(shop.Webhook(t.Context(), loyaltytest.Stranger, want.ID)),
		"change": errorOf(shop.ChangeWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, want.ID, loyaltytest.Now, change)),
		"delete": errorOf(shop.DeleteWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, want.ID, gone)),
		"replay": errorOf(shop.ReplayWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, want.ID, loyaltytest.Now, nil)),
		"retry":  errorOf(shop.RetryDelivery(t.Context(), loyalty.Answer{}, loyaltytest.Stranger, want.ID, loyalty.EntryID{1}, loyaltytest.Now, nil)),
	} {
		if !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("%s by a stranger: %v", name, err)
		}
	}
	if _, err := shop.DeleteWebhook(t.Context(), loyalty.Answer{}, want.Merchant, want.ID, gone); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Webhook(t.Context(), want.Merchant, want.ID); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

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

// testReplay holds that a replay begins early enough, whoever is at work.
func testReplay(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	hook := shop.hook(t, "all")
	anna := shop.Card(t, shop.Stamps, "anna")
	shop.earn(t, anna.ID, 3)
	shop.collect(t, 1)
	c := shop.claim(t, hook.ID, loyaltytest.Now)[0]
	shop.settle(t, &c, loyalty.Settlement{Through: 3, At: loyaltytest.Now}, true)
	shop.earn(t, anna.ID, 1)
	shop.collect(t, 1)
	underWay := shop.claim(t, hook.ID, loyaltytest.Now)[0]

	shop.replay(t, hook, loyaltytest.Now.Add(time.Microsecond), loyaltytest.Now.Add(time.Microsecond))
	shop.goOn(t, 0) // nothing was posted so late
	shop.replay(t, hook, loyaltytest.Now, loyaltytest.Now)
	shop.replay(t, hook, loyaltytest.Now.Add(time.Hour), loyaltytest.Now) // one is under way
	shop.collect(t, 0)                                                    // which is nothing fresh
	shop.goOn(t, 1)
	shop.settle(t, &underWay, loyalty.Settlement{Through: 4, At: loyaltytest.Now}, false)
	c = shop.claim(t, hook.ID, loyaltytest.Now)[0]
	if !reflect.DeepEqual(shop.seqs(t, &c, loyalty.AllKinds), []int64{1, 2, 3, 4}) {
		t.Errorf("replayed %+v", c)
	}
	shop.settle(t, &c, loyalty.Settlement{Through: 4, At: loyaltytest.Now}, true)
	shop.goOn(t, 0)
}

// testReplayBesideFresh holds that what is fresh is collected without what a replay
// brings back, which is another's work, and that replays are of all merchants.
func testReplayBesideFresh(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, ben := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "ben")
	shop.earn(t, anna.ID, 1)
	hook := shop.hook(t, "all")
	other := shop.hook(t, "another's", func(w *loyalty.Webhook) { w.Merchant = loyaltytest.Stranger })
	off := shop.hook(t, "off", func(w *loyalty.Webhook) { w.Disabled = loyaltytest.Now.Add(-31 * 24 * time.Hour) })
	for _, w := range []loyalty.Webhook{hook, other, off} {
		shop.replay(t, w, loyaltytest.Now, loyaltytest.Now)
	}
	found := map[loyalty.WebhookID]loyalty.Webhook{}
	replaying, err := shop.ReplayingWebhooks(t.Context())
	for _, w := range replaying {
		found[w.ID] = w
	}
	if want := (map[loyalty.WebhookID]loyalty.Webhook{hook.ID: hook, other.ID: other}); err != nil || !reflect.DeepEqual(found, want) {
		t.Errorf("replaying %+v, want %+v: %v", found, want, err)
	}
	shop.earn(t, ben.ID, 1)
	shop.collect(t, 1)
	if claimed := shop.claim(t, hook.ID, loyaltytest.Now); len(claimed) != 1 || claimed[0].Card != ben.ID {
		t.Errorf("collected %+v", claimed)
	}
	shop.goOn(t, 2)
	if replaying, err := shop.ReplayingWebhooks(t.Context()); err != nil || len(replaying) != 0 {
		t.Errorf("still replaying %+v: %v", replaying, err)
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

// enable enables a webhook or disables it.
func (s *Shop) enable(t testing.TB, w loyalty.Webhook, enabled bool, now time.Time) {
	t.Helper()
	_, err := s.ChangeWebhook(t.Context(), loyalty.Answer{}, w.Merchant, w.ID, now, func(w *loyalty.Webhook) (loyalty.Answer, error) {
		w.Disabled = now
		if enabled {
			w.Disabled = time.Time{}
		}
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testResealWebhooks goes through more webhooks than one transaction takes, and
// leaves alone what it is not told to change.
func testResealWebhooks(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	const many = 230
	for i := range many {
		shop.hook(t, fmt.Sprint("reseal ", i), func(w *loyalty.Webhook) { w.Secret = fmt.Append(nil, "secret ", i) })
	}
	seen := map[loyalty.WebhookID]bool{}
	reseal := func(w *loyalty.Webhook) (bool, error) {
		seen[w.ID] = true
		w.Secret, w.Previous, w.PreviousUntil = append([]byte("new "), w.Secret...), []byte("old"), loyaltytest.Now
		return w.ID != loyaltytest.ID("webhook reseal 7"), nil
	}
	if rows, err := shop.ResealWebhooks(t.Context(), reseal); err != nil || rows != many-1 || len(seen) != many {
		t.Errorf("%d rows, %d seen: %v", rows, len(seen), err)
	}
	for i := range many {
		w, err := shop.Webhook(t.Context(), loyaltytest.Merchant, loyaltytest.ID(fmt.Sprint("webhook reseal ", i)))
		want := loyalty.Webhook{
			ID: w.ID, Merchant: w.Merchant, URL: w.URL, Kinds: w.Kinds, Created: w.Created,
			Secret: fmt.Append(nil, "new secret ", i), Previous: []byte("old"), PreviousUntil: loyaltytest.Now,
		}
		if i == 7 {
			want.Secret, want.Previous, want.PreviousUntil = []byte("secret 7"), nil, time.Time{}
		}
		if err != nil || !reflect.DeepEqual(w, want) {
			t.Errorf("got %+v, want %+v: %v", w, want, err)
		}
	}
	stop := errors.New("stop")
	if rows, err := shop.ResealWebhooks(t.Context(), func(*loyalty.Webhook) (bool, error) { return true, stop }); rows != 0 || !errors.Is(err, stop) {
		t.Errorf("stopped: %d, %v", rows, err)
	}
}

func (s *Shop) replay(t testing.TB, w loyalty.Webhook, from, want time.Time) {
	t.Helper()
	_, err := s.ReplayWebhook(t.Context(), loyalty.Answer{}, w.Merchant, w.ID, from, func(got time.Time) (loyalty.Answer, error) {
		if !got.Equal(want) {
			t.Errorf("replayed from %s, want %s", got, want)
		}
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testReplayKinds holds that a replay notes what the webhook is told of, and waits
// until it is enabled.
func testReplayKinds(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, ben := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "ben")
	shop.earn(t, anna.ID, 3)
	shop.earn(t, ben.ID, 10)
	hook := shop.hook(t, "completes", func(w *loyalty.Webhook) { w.Kinds = loyalty.KindsOf(loyalty.Complete) })
	shop.enable(t, hook, false, loyaltytest.Now)
	shop.replay(t, hook, loyaltytest.Now, loyaltytest.Now)
	shop.goOn(t, 0)
	if cards, more, err := shop.ReplayPage(t.Context(), hook.ID, loyaltytest.Now); cards != 0 || more || err != nil {
		t.Errorf("disabled: %d cards, more %v: %v", cards, more, err)
	}
	shop.enable(t, hook, true, loyaltytest.Now)
	shop.goOn(t, 1)
	claimed := shop.claim(t, hook.ID, loyaltytest.Now)
	if len(claimed) != 1 || claimed[0].Card != ben.ID || claimed[0].First != 11 || !reflect.DeepEqual(shop.seqs(t, &claimed[0], hook.Kinds), []int64{11}) {
		t.Fatalf("noted %+v", claimed)
	}
	if head, err := shop.Entry(t.Context(), loyaltytest.Merchant, claimed[0].Entry); err != nil || head.Seq != 11 {
		t.Errorf("it is called by %+v, %v", head, err)
	}
	shop.goOn(t, 0)
}

// testResume holds what a webhook is told that was disabled for a while: all that
// came, whether or not something of a card waited already; or, after long,
// nothing of it.
func testResume(t *testing.T, fresh func(testing.TB) string) {
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		off       time.Duration
		waiting   int
		anna, ben []int64
	}{
		"a moment":   {time.Second, 2, []int64{1, 2, 3}, []int64{1, 2}},
		"a month":    {30*day - time.Second, 2, []int64{1, 2, 3}, []int64{1, 2}},
		"too long":   {30 * day, 2, []int64{3}, []int64{2}},
		"much later": {32 * day, 0, []int64{3}, []int64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := NewShop(t, fresh(t))
			hook := shop.hook(t, "all")
			anna, ben := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "ben")
			collect := func(now time.Time) {
				t.Helper()
				if _, err := shop.CollectEntries(t.Context(), now, 0); err != nil {
					t.Fatal(err)
				}
			}
			shop.earn(t, anna.ID, 1)
			collect(loyaltytest.Now)
			shop.enable(t, hook, false, loyaltytest.Now)
			shop.earn(t, anna.ID, 1)
			shop.earn(t, ben.ID, 1)
			now := loyaltytest.Now.Add(tt.off)
			collect(now)
			if _, err := shop.Prune(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			if waiting, err := shop.Deliveries(t.Context(), hook.ID, false, loyalty.EntryID{}, 10); err != nil || len(waiting) != tt.waiting {
				t.Errorf("%d wait, want %d: %v", len(waiting), tt.waiting, err)
			}
			if due, err := shop.DueWebhooks(t.Context(), now); err != nil || len(due) != 0 {
				t.Errorf("due although disabled: %+v, %v", due, err)
			}
			shop.enable(t, hook, true, now)
			shop.earn(t, anna.ID, 1)
			shop.earn(t, ben.ID, 1)
			collect(now)
			found := map[loyalty.CardID][]int64{}
			for _, c := range shop.claim(t, hook.ID, now) {
				found[c.Card] = shop.seqs(t, &c, loyalty.AllKinds)
			}
			if want := map[loyalty.CardID][]int64{anna.ID: tt.anna, ben.ID: tt.ben}; !reflect.DeepEqual(found, want) {
				t.Errorf("told %v, want %v", found, want)
			}
		})
	}
}
