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
