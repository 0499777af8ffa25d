package storetest

import (
	"reflect"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

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
