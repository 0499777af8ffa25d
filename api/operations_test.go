package api_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// operation is one operation of the contract. Tests of bad input walk over all
// that there are, so that none can be forgotten.
type operation struct {
	*openapi3.Operation
	method, path string
	params       openapi3.Parameters // of the path and of the operation
}

func operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for path, item := range apitest.Load().Document.Paths.Map() {
		for method, o := range item.Operations() {
			all = append(all, operation{o, method, path, slices.Concat(item.Parameters, o.Parameters)})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	return all
}

// schemes are the security schemes that open an operation; none: it is public.
func (o operation) schemes() []string {
	var names []string
	for _, requirement := range *o.Security {
		names = append(names, slices.Collect(maps.Keys(requirement))...)
	}
	return names
}

// body is the schema of what the operation takes, or nil.
func (o operation) body() *openapi3.Schema {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Value.Content["application/json"].Schema.Value
}

func (o operation) param(in, name string) *openapi3.Parameter {
	return o.params.GetByInAndName(in, name)
}

// site is what valid calls are made of.
type site struct {
	*apitest.API
	card       loyalty.CardID  // a full stamp card and two stamps on the next
	entry      loyalty.EntryID // the last stamp
	credential string          // a live token of the card, not used
	scan       string          // a handle of the front till, not used
	voucher    loyalty.VoucherID
	link       string // a signed one
	webhook    string // its id
	event      string // what waits for it
}

// newSite boots an API with a card on which everything can be done.
func newSite(t *testing.T, changes ...func(*apitest.Setup)) *site {
	t.Helper()
	return siteOn(t, apitest.Boot(t, changes...))
}

func siteOn(t *testing.T, a *apitest.API) *site {
	t.Helper()
	s := &site{API: a}
	s.webhook = s.newWebhook(t)
	s.card = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	s.voucher = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 11).Card.Vouchers[0].ID
	s.entry = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 1).Entries[0].ID
	s.scan = a.Look(t, a.Shop, a.Shop.Front, s.card).Scan
	minted := a.Mint(t, a.Shop, s.card)
	s.credential, s.link = minted.Token, minted.QRURL
	if _, err := a.Store.CollectEntries(t.Context(), a.Clock.Now(), 0); err != nil {
		t.Fatal(err)
	}
	waiting := apitest.Call{Method: http.MethodGet, Path: "/v1/webhooks/" + s.webhook + "/deliveries", Token: a.Shop.Admin}
	s.event = apitest.Read[gen.DeliveryPage](t, a.Do(t, waiting)).Deliveries[0].Event.String()
	return s
}

// newWebhook makes a webhook whose server takes everything.
func (s *site) newWebhook(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	return s.AddWebhook(t, s.Shop, server.URL).ID.String()
}

// call is a valid request of the operation with everything in it that the
// contract knows, under its first security scheme.
func (s *site) call(t *testing.T, o operation) apitest.Call {
	t.Helper()
	webhook := s.webhook
	if o.OperationID == "deleteWebhook" {
		webhook = s.newWebhook(t) // the others need theirs
	}
	c := apitest.Call{Method: o.method, Path: strings.NewReplacer("{card}", s.card.String(), "{entry}", s.entry.String(),
		"{webhook}", webhook, "{event}", s.event).Replace(o.path)}
	if schemes := o.schemes(); len(schemes) > 0 {
		c.Token = s.tokens()[schemes[0]]
	}
	if o.param("header", "Idempotency-Key") != nil {
		c.Key = apitest.Key()
	}
	c.Body = s.bodyOf(t, o)
	return c
}

// tokens are the shop's, by security scheme.
func (s *site) tokens() map[string]string {
	return map[string]string{"admin": s.Shop.Admin, "app": s.Shop.App, "till": s.Shop.Front.Token}
}

func (s *site) bodyOf(t *testing.T, o operation) any {
	t.Helper()
	purchase := func() apitest.Map {
		return apitest.Map{
			"ref": apitest.Key(), "total": 1250, "currency": "EUR", "paid_with_reward": 0,
			"items": []any{apitest.Map{"sku": "1", "category": "ice", "quantity": 1000, "unit": "piece", "amount": 1250}},
		}
	}
	pin := s.Shop.PINs.Manager
	switch o.OperationID {
	case "createCard":
		return apitest.Map{"program": s.Shop.Stamps.ID}
	case "adjustCard":
		return apitest.Map{"units": 1, "note": "why"}
	case "mintToken":
		return apitest.Map{"method": "static", "surface": "print"}
	case "scan":
		earn := apitest.Map{"units": 1, "purchase": purchase()}
		return apitest.Map{"credential": s.credential, "channel": "camera", "earn": earn, "pin": pin}
	case "earn":
		return apitest.Map{"scan": s.scan, "units": 1, "purchase": purchase(), "pin": pin}
	case "redeem":
		return apitest.Map{"scan": s.scan, "voucher": s.voucher, "pin": pin}
	case "voidEntry":
		return apitest.Map{"pin": pin}
	case "createWebhook":
		return apitest.Map{"url": "https://example.com/stempel", "events": []string{"entry.earn"}, "description": "why"}
	case "changeWebhook":
		return apitest.Map{"url": "https://example.com/stempel", "events": []string{"entry.void"}, "description": "why", "enabled": true}
	case "rotateWebhookSecret":
		return apitest.Map{"overlap_seconds": 60}
	case "replayWebhook":
		return apitest.Map{"from": s.Clock.Now().Add(-time.Hour)}
	}
	if o.RequestBody != nil {
		t.Fatalf("no test knows a valid body of %s yet: add it here", o.OperationID)
	}
	return nil
}

// eachOperation runs a test for every operation of a kind, on a site of their own.
func eachOperation(t *testing.T, kind func(operation) bool, test func(*testing.T, *site, operation)) {
	t.Helper()
	s := newSite(t)
	for _, o := range operations(t) {
		if kind(o) {
			t.Run(o.OperationID, func(t *testing.T) { test(t, s, o) })
		}
	}
}

// Kinds of operations.
func whatever(operation) bool    { return true }
func guarded(o operation) bool   { return len(o.schemes()) > 0 }
func forTills(o operation) bool  { return slices.Contains(o.schemes(), "till") }
func takesBody(o operation) bool { return o.RequestBody != nil }
func needsBody(o operation) bool { return o.RequestBody != nil && o.RequestBody.Value.Required }
func takesKey(o operation) bool  { return o.param("header", "Idempotency-Key") != nil }
func posts(o operation) bool     { return takesKey(o) && !slices.Contains(o.Tags, "Webhooks") }
func secretive(o operation) bool { // its answer holds a secret that is shown once
	named, _ := o.Extensions["x-problems"].([]any)
	return slices.Contains(named, any("answer_not_repeatable"))
}
func isGet(o operation) bool { return o.method == http.MethodGet }

// The calls that the tests of bad input start from are good. Those that act come
// last, as they use the site up.
func TestEveryOperationSucceeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := operations(t)
	slices.SortStableFunc(all, func(a, b operation) int { return rank(a) - rank(b) })
	for _, o := range all {
		t.Run(o.OperationID, func(t *testing.T) {
			if answer := s.Do(t, s.call(t, o)); answer.Status >= 300 {
				t.Errorf("answered %d: %s", answer.Status, answer.Body)
			}
		})
	}
}

func rank(o operation) int {
	return slices.Index([]string{"redeem", "earn", "scan", "voidEntry"}, o.OperationID)
}
