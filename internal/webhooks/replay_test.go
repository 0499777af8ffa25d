package webhooks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
	"stempel/internal/webhooks"
)

// watched is a store that writes down whose replays went on, page by page, and
// which may stand in for page.
type watched struct {
	*storetest.Shop
	page func(context.Context, loyalty.WebhookID) (cards int64, more bool, err error)

	mu    sync.Mutex
	pages []loyalty.WebhookID
}

func (w *watched) ReplayPage(ctx context.Context, id loyalty.WebhookID, now time.Time) (int64, bool, error) {
	w.mu.Lock()
	w.pages = append(w.pages, id)
	w.mu.Unlock()
	if w.page != nil {
		return w.page(ctx, id)
	}
	return w.Shop.ReplayPage(ctx, id, now)
}

// read are the pages since the last call.
func (w *watched) read() []loyalty.WebhookID {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.pages = nil }()
	return w.pages
}

// watched is a dispatcher with its store.
func (s *site) watched() (*webhooks.Dispatcher, *watched) {
	w := &watched{Shop: s.Shop}
	return s.dispatcher(func(c *webhooks.Config) { c.Store = w }), w
}

// replay begins one of all there is.
func (s *site) replay(w loyalty.Webhook) {
	s.t.Helper()
	render := func(time.Time) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := s.ReplayWebhook(s.t.Context(), loyalty.Answer{}, w.Merchant, w.ID, loyaltytest.Now, render); err != nil {
		s.t.Fatal(err)
	}
}

// replaying is a webhook of another merchant with a replay under way.
func (s *site) replaying() loyalty.Webhook {
	s.t.Helper()
	w := s.hook(s.webhook.URL, func(w *loyalty.Webhook) { w.Merchant = loyaltytest.Stranger })
	s.replay(w)
	return w
}

// While a page of one merchant's replay takes its time, what is fresh of others is
// collected and told.
func TestReplayKeepsNobodyWaiting(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.replaying()
		d, store := s.watched()
		under := make(chan struct{})
		begun := sync.OnceFunc(func() { close(under) })
		store.page = func(ctx context.Context, _ loyalty.WebhookID) (int64, bool, error) {
			begun()
			<-ctx.Done() // to the end of the test
			return 0, true, ctx.Err()
		}
		told := make(chan struct{})
		s.take = func(string, int) bool { close(told); return true }
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() { defer close(stopped); d.Run(ctx) }()
		<-under
		anna := s.Card(t, s.Stamps, "anna")
		s.earn(anna.ID, 1)
		<-told
		stop()
		<-stopped
		s.holds(anna.ID, 1)
		if pages := store.read(); len(pages) != 1 {
			t.Errorf("%d pages were read while the first was", len(pages))
		}
	})
}

// A round reads so many pages for all replays together, in turns that go on where
// the last round ended, and what is fresh is told in each turn. A merchant with
// two replays has no more of it than one with one.
func TestReplaysGoRound(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite(t))
	second := s.hook(s.webhook.URL)
	s.replay(s.webhook)
	s.replay(second)
	other := s.replaying()
	d, store := s.watched()
	store.page = func(context.Context, loyalty.WebhookID) (int64, bool, error) { return 0, true, nil }
	anna := s.Card(t, s.Stamps, "anna")
	var all []loyalty.WebhookID
	for turn := range 5 {
		s.earn(anna.ID, 1)
		s.step(d)
		pages := store.read()
		if len(pages) != webhooks.PagesPerRound {
			t.Errorf("turn %d read %d pages", turn, len(pages))
		}
		all = append(all, pages...)
	}
	s.mu.Lock()
	if got := s.got[anna.ID.String()]; len(got) != 10 { // by both
		t.Errorf("told %v", got)
	}
	s.mu.Unlock()
	names := map[loyalty.WebhookID]string{s.webhook.ID: "first", second.ID: "second", other.ID: "other"}
	want := []string{"first", "other", "second", "other"}
	for i, id := range all {
		if names[id] != want[i%len(want)] {
			t.Fatalf("page %d was for %s, want %s", i, names[id], want[i%len(want)])
		}
	}
}

// Two merchants' replays of a long ledger go on alternately, to their ends.
func TestReplaysAlternate(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		var cards []loyalty.CardID
		for _, name := range []string{"anna", "ben", "cleo"} { // 900 entries each: three pages
			card := s.Card(t, s.Stamps, name).ID
			batch := make([]*loyalty.Command, 819)
			for i := range batch {
				batch[i] = loyaltytest.Command(fmt.Sprint(name, i), card, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
			}
			if _, err := s.Decide(t, batch...); err != nil {
				t.Fatal(err)
			}
			cards = append(cards, card)
		}
		d, store := s.watched()
		s.step(d)
		s.replay(s.webhook)
		other := s.replaying()
		s.step(d)
		one, two := s.webhook.ID, other.ID
		if got, want := store.read(), []loyalty.WebhookID{one, two, one, two, one, two}; !slices.Equal(got, want) {
			t.Errorf("pages for %v, want %v", got, want)
		}
		for _, card := range cards {
			if got := s.got[card.String()]; len(got) < 40 || got[0] != 1 || got[20] != 1 {
				t.Errorf("told %v", got)
			}
		}
		s.step(d)
		if pages := store.read(); len(pages) != 0 {
			t.Errorf("read on for %v", pages)
		}
	})
}

// A replay that fails, or that another process is at, holds up no other.
func TestFailingReplayHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite(t))
	s.replay(s.webhook)
	other := s.replaying()
	d, store := s.watched()
	broken := errors.New("broken")
	store.page = func(_ context.Context, id loyalty.WebhookID) (int64, bool, error) {
		if id == s.webhook.ID {
			return 0, false, broken
		}
		return 0, true, nil
	}
	if err := d.Step(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	counts := map[loyalty.WebhookID]int{}
	for _, id := range store.read() {
		counts[id]++
	}
	if counts[s.webhook.ID] != 1 || counts[other.ID] != webhooks.PagesPerRound-1 {
		t.Errorf("pages: %v", counts)
	}
}
