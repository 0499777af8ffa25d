package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// receiver is a merchant's server.
type receiver struct {
	url    string
	status int // to answer with
	heads  []http.Header
	bodies [][]byte
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		r.heads, r.bodies = append(r.heads, request.Header), append(r.bodies, body)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// The story of a webhook: made, told of a stamp, refused for a while, given up by
// nobody, rotated, replayed and deleted.
func TestStoryOfAWebhook(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, server := a.Shop, newReceiver(t)
	ask := func(method, path string, body any) *apitest.Answer {
		t.Helper()
		return a.Do(t, apitest.Call{Method: method, Path: path, Token: shop.Admin, Body: body})
	}
	step := func() {
		t.Helper()
		if err := a.Dispatcher.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	card := a.NewCard(t, shop, shop.Stamps).ID
	made := apitest.Read[gen.WebhookWithSecret](t, ask("POST", "/v1/webhooks", apitest.Map{"url": server.url}))
	at := "/v1/webhooks/" + made.ID.String()
	library, err := standardwebhooks.NewWebhook(made.Secret)
	if err != nil {
		t.Fatal(err)
	}

	stamped := a.Stamp(t, shop, shop.Front, card, 1)
	step()
	if len(server.bodies) != 1 {
		t.Fatalf("told %d times", len(server.bodies))
	}
	event := obeys(t, server.bodies[0])
	if event.Type != gen.EventTypeEntryEarn || !reflect.DeepEqual(event.Data.Entry, stamped.Entries[0]) || event.Data.Card.ID != card || event.Data.Card.Balance != 1 {
		t.Errorf("%+v", event)
	}
	if head := server.heads[0]; head.Get("webhook-id") != event.Data.Entry.ID.String() ||
		library.VerifyIgnoringTimestamp(server.bodies[0], head) != nil {
		t.Errorf("%v", head)
	}

	server.status = http.StatusTeapot
	a.Stamp(t, shop, shop.Front, card, 1)
	step()
	waiting := apitest.Read[gen.DeliveryPage](t, ask("GET", at+"/deliveries", nil)).Deliveries
	if len(waiting) != 1 || waiting[0].LastStatus != 418 || waiting[0].Attempts != 1 || !waiting[0].NextAt.Equal(a.Clock.Now().Add(5*time.Second)) {
		t.Fatalf("%+v", waiting)
	}
	if tested := apitest.Read[gen.WebhookTest](t, ask("POST", at+"/test", nil)); tested.Delivered || tested.Status != 418 {
		t.Errorf("%+v", tested)
	}
	obeys(t, server.bodies[2])
	if id := server.heads[2].Get("webhook-id"); !strings.HasPrefix(id, "test_") {
		t.Errorf("the test event's id is %s", id)
	}
	server.status = http.StatusNoContent
	ask("POST", at+"/deliveries/"+waiting[0].Event.String()+"/retry", nil)
	step()
	if again := server.bodies[3]; string(again) != string(server.bodies[1]) || server.heads[3].Get("webhook-id") != server.heads[1].Get("webhook-id") {
		t.Errorf("first %s, then %s", server.bodies[1], again)
	}
	if left := apitest.Read[gen.DeliveryPage](t, ask("GET", at+"/deliveries?state=waiting", nil)); len(left.Deliveries) != 0 {
		t.Errorf("%+v", left)
	}

	rotated := apitest.Read[gen.WebhookWithSecret](t, ask("POST", at+"/rotate-secret", apitest.Map{"overlap_seconds": 60}))
	if rotated.Secret == made.Secret || !rotated.PreviousUntil.Equal(a.Clock.Now().Add(time.Minute)) {
		t.Errorf("%+v", rotated)
	}
	from := a.Clock.Now().Add(-time.Hour)
	if replayed := apitest.Read[gen.Replayed](t, ask("POST", at+"/replay", apitest.Map{"from": from})); !replayed.From.Equal(from) {
		t.Errorf("%+v", replayed)
	}
	step()
	newer, err := standardwebhooks.NewWebhook(rotated.Secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, old := range []int{0, 1} { // each stamp again, with both signatures
		head, body := server.heads[4+i], server.bodies[4+i]
		if string(body) != string(server.bodies[old]) || library.VerifyIgnoringTimestamp(body, head) != nil || newer.VerifyIgnoringTimestamp(body, head) != nil {
			t.Errorf("replayed %s %v", body, head)
		}
	}

	ask("PATCH", at, apitest.Map{"enabled": false})
	a.Stamp(t, shop, shop.Front, card, 1)
	step()
	if len(server.bodies) != 6 {
		t.Error("told although disabled")
	}
	ask("DELETE", at, nil)
	a.Refused(t, apitest.Call{Method: "GET", Path: at, Token: shop.Admin}, gen.ProblemCodeWebhookNotFound)
}

// obeys holds an event against its schema and reads it.
func obeys(t *testing.T, body []byte) (event gen.Event) {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	schema := apitest.Load().Document.Components.Schemas["Event"].Value
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s: %v", body, err)
	}
	if err := json.Unmarshal(body, &event); err != nil {
		t.Error(err)
	}
	return event
}

func TestWebhooksThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, url := range []string{"http://example.com", "https://user:secret@example.com", "ftp://example.com", "not an address", "https://example.com#x"} {
		p := s.Refused(t, apitest.Call{Path: "/v1/webhooks", Token: s.Shop.Admin, Body: apitest.Map{"url": url}}, gen.ProblemCodeInvalidField)
		if p.Field != "url" {
			t.Errorf("%s: %+v", url, p)
		}
	}
	for _, from := range []time.Time{s.Clock.Now().Add(time.Second), s.Clock.Now().Add(-32 * 24 * time.Hour)} {
		c := apitest.Call{Path: "/v1/webhooks/" + s.webhook + "/replay", Token: s.Shop.Admin, Body: apitest.Map{"from": from}}
		if p := s.Refused(t, c, gen.ProblemCodeInvalidField); p.Field != "from" {
			t.Errorf("%s: %+v", from, p)
		}
	}
}

// Test events go wherever a merchant says, so there are few of them, however many
// keys and webhooks the merchant has.
func TestTestsAreLimited(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	server, elsewhere := newReceiver(t), newReceiver(t)
	test := func(key, url string) apitest.Call {
		t.Helper()
		made := apitest.Read[gen.WebhookWithSecret](t, a.Do(t, apitest.Call{Path: "/v1/webhooks", Token: key, Body: apitest.Map{"url": url}}))
		return apitest.Call{Path: "/v1/webhooks/" + made.ID.String() + "/test", Token: key}
	}
	first, second, rival := test(a.Shop.Admin, server.url), test(a.Shop.Admin, server.url), test(a.Rival.Admin, elsewhere.url)
	for i := range 5 {
		if answer := a.Do(t, []apitest.Call{first, second}[i%2]); answer.Status != http.StatusOK {
			t.Fatalf("the test number %d: %s", i+1, answer.Body)
		}
	}
	for _, c := range []apitest.Call{first, second} {
		if p := a.Refused(t, c, gen.ProblemCodeRateLimited); !p.RetryAt.Equal(a.Clock.Now().Add(time.Second)) {
			t.Errorf("%+v", p)
		}
	}
	if len(server.bodies) != 5 {
		t.Errorf("%d were sent", len(server.bodies))
	}
	if answer := a.Do(t, rival); answer.Status != http.StatusOK {
		t.Errorf("another merchant: %s", answer.Body)
	}
	a.Clock.Advance(time.Second)
	if answer := a.Do(t, first); answer.Status != http.StatusOK {
		t.Errorf("a second later: %s", answer.Body)
	}
}

// What a webhook asks for is what it is shown, also of what is no entry.
func TestEventsThatAreNoEntries(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	want := gen.WebhookEvents{gen.EntryEventTypeEntryEarn, gen.EntryEventTypePointsExpiring, gen.EntryEventTypeCodesLow}
	made := apitest.Read[gen.WebhookWithSecret](t, a.Do(t, apitest.Call{
		Path: "/v1/webhooks", Token: a.Shop.Admin, Body: apitest.Map{"url": "https://example.com", "events": want},
	}))
	if !slices.Equal(made.Events, want) {
		t.Errorf("asked for %v, shown %v", want, made.Events)
	}
}

// An event of an empty pool says so.
func TestLowCodesEvent(t *testing.T) {
	t.Parallel()
	pool := &loyalty.LowPool{
		Merchant: loyaltytest.Merchant, Reward: loyalty.Reward{ID: loyaltytest.Partner, Name: "A book voucher"}, Since: loyaltytest.Now, Fresh: true,
	}
	body, err := api.RenderLowCodes(pool)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	schema := apitest.Load().Document.Components.Schemas["Event"].Value
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
		t.Error(err)
	}
	data := `{"left":0,"reward":{"id":"` + pool.Reward.ID.String() + `","name":"A book voucher"}}`
	if want := `"type":"codes.low"`; !strings.Contains(string(body), want) || !strings.Contains(string(body), data) {
		t.Errorf("%s\nwant %s and %s", body, want, data)
	}
}

// Every kind of entry has a type of event that can be asked for.
func TestEveryKindHasAnEvent(t *testing.T) {
	t.Parallel()
	for _, kind := range loyalty.EntryKinds() {
		if !gen.EntryEventType("entry."+kind.String()).Valid() || !gen.EventType("entry."+kind.String()).Valid() {
			t.Errorf("entry.%s is not in the contract", kind)
		}
	}
}
