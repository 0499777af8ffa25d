package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/internal/loyalty"
)

// What a customer might be called by, and where careless programs put it.
const (
	surname = "Wisniewska"
	phone   = "48600100200"
	mail    = "marta.w@example.org"
)

// person is all of it, as JSON for a body.
var person = apitest.Map{"name": "Marta " + surname, "phone": "+" + phone, "email": mail}

// Every operation is asked well and badly, with names, tokens and codes in every
// place where one can put them. Logs and traces tell of each request, and of
// nobody.
func TestLogsAndTracesTellOfNobody(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	s := newSite(t, func(setup *apitest.Setup) { setup.Tracer = tracer })
	forbidden := []string{
		surname, phone, mail, url.QueryEscape(mail), base64.StdEncoding.EncodeToString([]byte(mail)),
		"a-key-of-mine", s.scan, s.credential, s.link,
	}
	s.Private(forbidden...)

	all := operations(t)
	slices.SortStableFunc(all, func(a, b operation) int { return rank(a) - rank(b) })
	for _, o := range all {
		for _, c := range careless(t, s, o) {
			if _, err := s.Try(t, c); err != nil {
				t.Fatalf("%s %s: %v", c.Method, c.Path, err)
			}
		}
		if route := pattern(o); !strings.Contains(s.Log(), `"route":"`+route+`"`) {
			t.Errorf("no log tells of %s", route)
		}
	}
	for _, garbage := range []string{
		surname + " HTTP/1.1\r\n\r\n", "GET /" + mail + " HTTP/9\r\n\r\n", "GET / HTTP/1.1\r\n" + phone + "\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Bearer " + s.Shop.Admin + "\r\n: \x00\r\n\r\n",
	} {
		if _, err := dial(t, s.API).Write([]byte(garbage)); err != nil {
			t.Fatal(err)
		}
	}
	told := len(recorder.Ended())
	if told < len(all) {
		t.Errorf("%d spans of %d operations", told, len(all))
	}
	text := fmt.Sprintf("%+v", tracetest.SpanStubsFromReadOnlySpans(recorder.Ended()))
	for _, word := range append(forbidden, s.Secrets()...) {
		if strings.Contains(text, word) {
			t.Errorf("a trace holds %q", word)
		}
	}
}

// pattern is how the router calls the operation's address.
func pattern(o operation) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(o.path)
}

// careless are a good request of the operation and many that are not.
func careless(t *testing.T, s *site, o operation) []apitest.Call {
	t.Helper()
	with := func(change func(*apitest.Call)) apitest.Call {
		c := s.call(t, o)
		change(&c)
		return c
	}
	body, _ := s.call(t, o).Body.(apitest.Map)
	calls := []apitest.Call{
		with(func(c *apitest.Call) { c.Path += "?email=" + url.QueryEscape(mail) + "&signature=" + phone }),
		with(func(c *apitest.Call) { c.Path += "/" + surname }),
		with(func(c *apitest.Call) { c.Token = surname }),
		with(func(c *apitest.Call) { c.Token, c.Header = "", map[string]string{"Authorization": "Basic " + mail} }),
		with(func(c *apitest.Call) { c.Token += phone }),
		with(func(c *apitest.Call) { c.Key = "a-key-of-mine" }),
		with(func(c *apitest.Call) { c.Key = "Marta " + surname }),
		with(func(c *apitest.Call) {
			c.Header = map[string]string{"X-Request-Id": mail, "User-Agent": surname, "Cookie": phone}
		}),
		with(func(c *apitest.Call) {
			c.Header = map[string]string{"Traceparent": mail, "Tracestate": "a=" + phone, "Baggage": "name=" + surname}
		}),
		with(func(c *apitest.Call) { c.Header = map[string]string{"X-Forwarded-For": surname, "Content-Type": mail} }),
	}
	if takesBody(o) {
		calls = append(calls,
			with(func(c *apitest.Call) { c.Body = []byte(`{"name":"` + surname + `", ` + mail) }),
			with(func(c *apitest.Call) { c.Body = person }),
			with(func(c *apitest.Call) { c.Body = []any{mail, phone, surname} }))
	}
	if strings.Contains(o.path, "{") {
		calls = append(calls, with(func(c *apitest.Call) {
			c.Path = strings.NewReplacer(s.card.String(), surname, s.entry.String(), phone).Replace(c.Path)
		}))
	}
	for field := range body {
		calls = append(calls, with(func(c *apitest.Call) { c.Body.(apitest.Map)[field] = mail }))
	}
	return append(calls, s.call(t, o))
}

// broken is a store that breaks in the worst way: with words of the asker.
type broken struct {
	api.Store
	panics bool
}

func (b broken) Card(context.Context, loyalty.MerchantID, loyalty.CardID) (*loyalty.State, error) {
	if b.panics {
		panic("cannot read the card of " + mail)
	}
	panic(person)
}

// A panic is logged with its place, not with what was in somebody's hands.
func TestPanicsTellOfNobody(t *testing.T) {
	t.Parallel()
	for _, panics := range []bool{true, false} {
		s := newSite(t)
		b := s.Beside(t, func(setup *apitest.Setup) {
			setup.Wrap = func(store api.Store) api.Store { return broken{store, panics} }
		})
		s.Private(surname, phone, mail)
		answer := b.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + s.card.String(), Token: s.Shop.App})
		if answer.Status != http.StatusInternalServerError {
			t.Errorf("answered %d", answer.Status)
		}
		if log := s.Log(); !strings.Contains(log, "handler panicked") || !strings.Contains(log, "private_test.go") {
			t.Error("the log does not say where")
		}
	}
}
