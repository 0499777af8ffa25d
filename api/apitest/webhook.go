package apitest

import (
	"testing"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/webhooks"
)

// AddWebhook gives a shop a webhook without asking the API for it.
func (a *API) AddWebhook(t testing.TB, shop *Shop, url string) loyalty.Webhook {
	t.Helper()
	w := loyalty.Webhook{
		ID: loyalty.NewID(), Merchant: shop.ID, URL: url, Kinds: loyalty.AllKinds, Created: a.Clock.Now(),
	}
	_, w.Secret = webhooks.NewSecrets(a.Ring.MACs(keys.Webhook)).New(w.ID, a.Clock.Now())
	if _, err := a.Store.AddWebhook(t.Context(), loyalty.Answer{}, w, loyalty.Answer{}); err != nil {
		t.Fatalf("add a webhook: %v", err)
	}
	return w
}
