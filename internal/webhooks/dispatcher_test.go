package webhooks_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
	"stempel/internal/webhooks"
)

// One card's event that is not taken holds up that card, in order, and no other.
func TestOrderPerCard(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna, ben := s.Card(t, s.Stamps, "anna"), s.Card(t, s.Stamps, "ben")
		s.take = func(card string, seq int) bool { return card != anna.ID.String() || seq != 2 }
		d := s.dispatcher()
		s.earn(anna.ID, 3)
		s.earn(ben.ID, 3)
		s.step(d)
		s.step(d)
		s.holds(anna.ID, 1)
		s.holds(ben.ID, 1, 2, 3)
		s.earn(anna.ID, 1)
		s.earn(ben.ID, 1)
		s.step(d)
		s.holds(anna.ID, 1)
		s.holds(ben.ID, 1, 2, 3, 4)
		s.take = func(string, int) bool { return true }
		s.step(d)
		s.holds(anna.ID, 1) // its time has not come
		s.advance(5 * time.Second)
		s.step(d)
		s.holds(anna.ID, 1, 2, 3, 4)
		if d.Delivered() != 8 || d.Failed() != 1 {
			t.Errorf("%d delivered, %d failed", d.Delivered(), d.Failed())
		}
	})
}

// Eleven attempts in less than three days, then a dead letter and the next event;
// and after three days without one success the webhook is given up.
func TestBackOffAndGiveUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna := s.Card(t, s.Stamps, "anna")
		s.take = func(string, int) bool { return false }
		d := s.dispatcher()
		s.earn(anna.ID, 2)
		began := s.clock()
		for range 20_000 { // ten seconds each, at most
			s.step(d)
			dead, err := s.Deliveries(t.Context(), s.webhook.ID, true, loyalty.EntryID{}, 10)
			if err != nil {
				t.Fatal(err)
			}
			if len(dead) == 1 {
				if dead[0].Attempts != 11 || dead[0].First != 1 || dead[0].Status != 500 {
					t.Errorf("%+v", dead[0])
				}
				break
			}
			waiting, err := s.Deliveries(t.Context(), s.webhook.ID, false, loyalty.EntryID{}, 10)
			if err != nil || len(waiting) != 1 {
				t.Fatalf("%+v, %v", waiting, err)
			}
			w, err := s.Webhook(t.Context(), loyaltytest.Merchant, s.webhook.ID)
			if err != nil {
				t.Fatal(err)
			}
			next := waiting[0].Due
			if w.RestUntil.After(next) {
				next = w.RestUntil
			}
			s.advance(next.Sub(s.clock()))
		}
		if s.asks != 11 || s.clock().Sub(began) > 72*time.Hour || s.clock().Sub(began) < 69*time.Hour {
			t.Errorf("%d attempts in %s", s.asks, s.clock().Sub(began))
		}
		s.advance(6 * time.Hour)
		s.step(d)
		w, err := s.Webhook(t.Context(), loyaltytest.Merchant, s.webhook.ID)
		if err != nil || w.Enabled() || s.asks != 12 {
			t.Errorf("after %d attempts: %+v, %v", s.asks, w, err)
		}
		s.advance(100 * time.Hour)
		s.step(d)
		if s.asks != 12 {
			t.Error("a disabled webhook was asked")
		}

		// Enabled again, it goes on with what waited.
		s.take = func(string, int) bool { return true }
		enable := func(w *loyalty.Webhook) (loyalty.Answer, error) {
			w.Disabled, w.RestUntil, w.FailingSince, w.Failures = time.Time{}, time.Time{}, time.Time{}, 0
			return loyalty.Answer{}, nil
		}
		if _, err := s.ChangeWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, w.ID, s.clock(), enable); err != nil {
			t.Fatal(err)
		}
		s.step(d)
		s.holds(anna.ID, 2)
	})
}

// unsettled is a store whose process dies before it can write down what it did.
type unsettled struct{ *storetest.Shop }

func (unsettled) SettleDelivery(context.Context, *loyalty.Leased, *loyalty.Settlement) (bool, error) {
	return false, loyalty.ErrUnavailable
}

// Who fails now has not failed for three days because it had when this delivery
// began: others have told it something in between.
func TestNotGivenUpByAnOldReading(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna, ben := s.Card(t, s.Stamps, "anna"), s.Card(t, s.Stamps, "ben")
		s.take = func(string, int) bool { return false }
		d, other := s.dispatcher(), s.dispatcher()
		s.earn(anna.ID, 1)
		s.step(d)
		s.advance(73 * time.Hour)
		s.earn(ben.ID, 1)
		s.take = func(card string, _ int) bool {
			if card == ben.ID.String() {
				return true
			}
			s.mu.Unlock() // receive holds it
			defer s.mu.Lock()
			s.step(other)
			for s.state().Failures > 0 { // until ben's is written down
			}
			return false
		}
		s.step(d)
		if w := s.state(); !w.Enabled() || w.Failures != 1 || !w.FailingSince.Equal(s.clock()) {
			t.Errorf("%+v", w)
		}
	})
}

// A worker whose database kept it waiting begins nothing: its card may be another's
// before the event is told.
func TestLateWorkerBeginsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna := s.Card(t, s.Stamps, "anna")
		s.earn(anna.ID, 2)
		s.step(s.dispatcher(func(c *webhooks.Config) { c.Store = sluggish{s.Shop, s} }))
		s.holds(anna.ID)
		s.advance(20 * time.Second)
		s.step(s.dispatcher())
		s.holds(anna.ID, 1, 2)
	})
}

// sluggish is a store that takes five seconds to read.
type sluggish struct {
	*storetest.Shop
	s *site
}

func (slow sluggish) DeliveryEntries(ctx context.Context, d *loyalty.Delivery, kinds loyalty.Kinds, from int64, limit int) ([]loyalty.Entry, error) {
	slow.s.advance(5 * time.Second)
	return slow.Shop.DeliveryEntries(ctx, d, kinds, from, limit)
}

// What a process had when it was killed is told by another one, in order.
func TestKilledDispatcher(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna := s.Card(t, s.Stamps, "anna")
		killed := s.dispatcher(func(c *webhooks.Config) { c.Store = unsettled{s.Shop} })
		other := s.dispatcher()
		s.earn(anna.ID, 2)
		s.step(killed)
		s.holds(anna.ID, 1, 2)
		s.earn(anna.ID, 1)
		s.step(other)
		s.holds(anna.ID, 1, 2) // it may still be at work
		s.advance(20 * time.Second)
		s.step(other)
		s.holds(anna.ID, 1, 2, 1, 2, 3)
	})
}

// Two processes share the work of a flood; one is stopped in the middle of it.
func TestTwoDispatchers(t *testing.T) {
	t.Parallel()
	s := newSite(t, enginetest.Postgres(t))
	var cards []loyalty.CardID
	for i := range 12 {
		cards = append(cards, s.Card(t, s.Stamps, fmt.Sprint("card ", i)).ID)
		s.earn(cards[i], 4)
	}
	one, two := s.dispatcher(), s.dispatcher()
	ctx, stop := context.WithCancel(t.Context())
	s.take = func(string, int) bool { stop(); return true } // at its first delivery
	var running sync.WaitGroup
	running.Go(func() { one.Run(ctx) })
	running.Wait()
	for range 10 {
		s.step(two)
	}
	for _, card := range cards {
		s.holds(card, 1, 2, 3, 4)
	}
	if one.Delivered() == 0 || one.Delivered()+two.Delivered() != 48 {
		t.Errorf("%d and %d delivered", one.Delivered(), two.Delivered())
	}
}

// A server that does not answer takes up its own share of the room and no more.
func TestSlowServerBlocksNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite(t))
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	s.hook(slow.URL)
	var cards []loyalty.CardID
	for i := range 20 {
		cards = append(cards, s.Card(t, s.Stamps, fmt.Sprint("card ", i)).ID)
		s.earn(cards[i], 1)
	}
	done := make(chan struct{})
	s.take = func(string, int) bool {
		if s.asks == len(cards) {
			close(done)
		}
		return true
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); s.dispatcher().Run(ctx) }()
	<-done
	stop()
	close(release)
	<-stopped
	for _, card := range cards {
		s.holds(card, 1)
	}
}

// A merchant with many slow webhooks takes up its own share, and others are told
// meanwhile.
func TestSlowMerchantBlocksNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite(t))
	told := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that the sender has gone
		select {
		case <-told:
		case <-r.Context().Done():
			t.Error("a slow server ran out of time before another merchant was told")
		}
	}))
	defer slow.Close()
	for i := range 12 {
		s.earn(s.Card(t, s.Stamps, fmt.Sprint("card ", i)).ID, 1)
		s.hook(slow.URL)
	}
	release := sync.OnceFunc(func() { close(told) })
	defer release()
	quick := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { release() }))
	defer quick.Close()
	other := s.hook(quick.URL)
	d := s.dispatcher(func(c *webhooks.Config) { c.Store = foreign{s.Shop, other.ID} })
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); d.Run(ctx) }()
	<-told
	stop()
	<-stopped
}

// foreign is a store in which a webhook belongs to another merchant.
type foreign struct {
	*storetest.Shop
	webhook loyalty.WebhookID
}

func (f foreign) DueWebhooks(ctx context.Context, now time.Time) ([]loyalty.Webhook, error) {
	due, err := f.Shop.DueWebhooks(ctx, now)
	for i := range due {
		if due[i].ID == f.webhook {
			due[i].Merchant = loyaltytest.Stranger
		}
	}
	return due, err
}

// A replay tells all again, in order.
func TestReplay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		anna := s.Card(t, s.Stamps, "anna")
		d := s.dispatcher()
		s.earn(anna.ID, 3)
		s.step(d)
		s.replay(s.webhook)
		s.step(d)
		s.holds(anna.ID, 1, 2, 3, 1, 2, 3)
	})
}

// A webhook is told of the kinds that it asked for, and long lines come in turns.
func TestKindsAndLongLines(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		choose := func(w *loyalty.Webhook) (loyalty.Answer, error) {
			w.Kinds = loyalty.KindsOf(loyalty.Complete)
			return loyalty.Answer{}, nil
		}
		if _, err := s.ChangeWebhook(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, s.webhook.ID, s.clock(), choose); err != nil {
			t.Fatal(err)
		}
		anna := s.Card(t, s.Stamps, "anna")
		s.earn(anna.ID, 250) // every tenth fills the card
		d := s.dispatcher()
		for range 5 {
			s.step(d)
		}
		want := make([]int, 25)
		for i := range want {
			want[i] = 11 * (i + 1)
		}
		if got := s.got[anna.ID.String()]; !reflect.DeepEqual(got, want) {
			t.Errorf("taken %v", got)
		}
		if b, err := s.Backlog(t.Context()); err != nil || b != (loyalty.Backlog{}) {
			t.Errorf("%+v, %v", b, err)
		}
	})
}
