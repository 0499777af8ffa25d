package webhooks_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
	"stempel/internal/webhooks"
)

// site is a shop with a webhook, whose server takes what take says.
type site struct {
	*storetest.Shop
	t       *testing.T
	webhook loyalty.Webhook
	secrets *webhooks.Secrets

	mu   sync.Mutex
	now  time.Time
	take func(card string, seq int) bool
	got  map[string][]int // Seqs by card, in the order in which they were taken
	asks int
}

type ring struct{}

func (ring) Current(time.Time) (string, []byte) { return "w01", make([]byte, 32) }
func (ring) Find(string) ([]byte, bool)         { return make([]byte, 32), true }

func newSite(t *testing.T, url string) *site {
	t.Helper()
	s := &site{
		Shop: storetest.NewShop(t, url), t: t, now: loyaltytest.Now, got: map[string][]int{}, secrets: webhooks.NewSecrets(ring{}),
		take: func(string, int) bool { return true },
	}
	server := httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(server.Close)
	s.webhook = s.hook(server.URL)
	return s
}

func (s *site) hook(url string, changes ...func(*loyalty.Webhook)) loyalty.Webhook {
	s.t.Helper()
	w := loyalty.Webhook{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, URL: url, Kinds: loyalty.AllKinds, Created: s.now}
	for _, change := range changes {
		change(&w)
	}
	_, w.Secret = s.secrets.New(w.ID, s.now)
	if _, err := s.AddWebhook(s.t.Context(), loyalty.Answer{}, w, loyalty.Answer{}); err != nil {
		s.t.Fatal(err)
	}
	return w
}

func (s *site) receive(w http.ResponseWriter, r *http.Request) {
	var card string
	var seq int
	if _, err := fmt.Fscan(r.Body, &card, &seq); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks++
	if !s.take(card, seq) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	s.got[card] = append(s.got[card], seq)
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *site) dispatcher(changes ...func(*webhooks.Config)) *webhooks.Dispatcher {
	config := webhooks.Config{
		Store: s.Shop, Sender: webhooks.NewSender(s.secrets, webhooks.Network{Private: true}),
		Render: func(e *loyalty.Entry) ([]byte, error) { return fmt.Append(nil, e.Card, e.Seq), nil },
		Now:    s.clock, Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range changes {
		change(&config)
	}
	return webhooks.New(config)
}

func (s *site) step(d *webhooks.Dispatcher) {
	s.t.Helper()
	if err := d.Step(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// earn posts n entries to a card.
func (s *site) earn(card loyalty.CardID, n int) {
	s.t.Helper()
	for range n {
		name := fmt.Sprint(loyalty.EntryID(loyalty.NewID()))
		c := loyaltytest.Command(name, card, s.Front, loyaltytest.Now, loyalty.Earning{Units: 1})
		err := s.Post(s.t.Context(), *loyaltytest.Keys([]*loyalty.Command{c}), func(f *loyalty.Facts) loyalty.Writes {
			var w loyalty.Writes
			d, err := loyalty.Decide(f, c, loyaltytest.Now, loyalty.NewID)
			if err != nil {
				s.t.Error(err)
				return w
			}
			w.Add(d)
			return w
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// state is the webhook as it is now.
func (s *site) state() loyalty.Webhook {
	s.t.Helper()
	w, err := s.Webhook(s.t.Context(), loyaltytest.Merchant, s.webhook.ID)
	if err != nil {
		s.t.Error(err)
	}
	return w
}

func (s *site) holds(card loyalty.CardID, want ...int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.got[card.String()]; fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("taken %v, want %v", got, want)
	}
}

func onBoth(t *testing.T, test func(*testing.T, *site)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, newSite(t, storetest.SQLite(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, newSite(t, enginetest.Postgres(t))) })
}
