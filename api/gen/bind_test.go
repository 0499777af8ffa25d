package gen_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// server answers two operations and remembers what they were given. The others
// are not asked here.
type server struct {
	gen.ServerInterface

	card    loyalty.CardID
	entries gen.ListEntriesParams
	adjust  gen.AdjustCardParams
}

func (s *server) ListEntries(_ *fiber.Ctx, card loyalty.CardID, params gen.ListEntriesParams) error {
	s.card, s.entries = card, params
	return nil
}

func (s *server) AdjustCard(_ *fiber.Ctx, card loyalty.CardID, params gen.AdjustCardParams) error {
	s.card, s.adjust = card, params
	return nil
}

// app is a router over s that keeps in err what it last failed with.
func app(s *server, before func(gen.Operation) fiber.Handler, err *error) *fiber.App {
	router := fiber.New(fiber.Config{ErrorHandler: func(_ *fiber.Ctx, e error) error {
		*err = e
		return nil
	}})
	gen.RegisterHandlers(router, s, before)
	return router
}

func open(gen.Operation) fiber.Handler { return (*fiber.Ctx).Next }

const someCard = "card_01m10g1wayfpq8r9ttvtb5xphj"

func TestParametersAreTyped(t *testing.T) {
	var s server
	var failed error
	router := app(&s, open, &failed)
	request := httptest.NewRequest("GET", "/v1/cards/"+someCard+"/entries?limit=5", nil)
	if _, err := router.Test(request); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if s.card.String() != someCard || s.entries != (gen.ListEntriesParams{Limit: 5}) {
		t.Errorf("got %v, %+v", s.card, s.entries)
	}
	request = httptest.NewRequest("POST", "/v1/cards/"+someCard+"/adjustments", nil)
	request.Header.Set("idempotency-key", "one")
	if _, err := router.Test(request); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if s.adjust.IdempotencyKey != "one" {
		t.Errorf("got %+v", s.adjust)
	}
}

func TestParametersThatCannotBeUsed(t *testing.T) {
	entries := "/v1/cards/" + someCard + "/entries"
	for name, test := range map[string]struct {
		method, target string
		keys           []string
		in, parameter  string
		cause          error // nil: any
	}{
		"no id":               {"GET", "/v1/cards/card_/entries", nil, "path", "card", loyalty.ErrNotAnID},
		"id of another kind":  {"GET", "/v1/cards/till_01m0a2hh1kf7wbaemseg1xe5m4/entries", nil, "path", "card", loyalty.ErrNotAnID},
		"escaped id":          {"GET", "/v1/cards/card%5F01m10g1wayfpq8r9ttvtb5xphj/entries", nil, "path", "card", loyalty.ErrNotAnID},
		"no number":           {"GET", entries + "?limit=many", nil, "query", "limit", nil},
		"fraction":            {"GET", entries + "?limit=1.5", nil, "query", "limit", nil},
		"beyond 32 bits":      {"GET", entries + "?limit=2147483648", nil, "query", "limit", nil},
		"beyond 64 bits":      {"GET", entries + "?before=9223372036854775808", nil, "query", "before", nil},
		"empty":               {"GET", entries + "?before=", nil, "query", "before", nil},
		"twice in the query":  {"GET", entries + "?before=1&before=2", nil, "query", "before", nil},
		"required and absent": {"POST", "/v1/cards/" + someCard + "/adjustments", nil, "header", "Idempotency-Key", gen.ErrMissing},
		"twice in the header": {"POST", "/v1/cards/" + someCard + "/adjustments", []string{"a", "b"}, "header", "Idempotency-Key", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var failed error
			request := httptest.NewRequest(test.method, test.target, nil)
			for _, key := range test.keys {
				request.Header.Add("Idempotency-Key", key)
			}
			if _, err := app(new(server), open, &failed).Test(request); err != nil {
				t.Fatal(err)
			}
			var problem *gen.ParameterError
			if !errors.As(failed, &problem) || problem.In != test.in || problem.Name != test.parameter {
				t.Fatalf("got %v, want one of %s in %s", failed, test.parameter, test.in)
			}
			if test.cause != nil && !errors.Is(failed, test.cause) {
				t.Errorf("got %v, want one caused by %v", failed, test.cause)
			}
		})
	}
}

// Who has no key learns nothing of parameters.
func TestBeforeComesFirst(t *testing.T) {
	closed := errors.New("closed")
	asked := map[string][]string{}
	before := func(o gen.Operation) fiber.Handler {
		asked[o.ID] = o.Security
		return func(*fiber.Ctx) error { return closed }
	}
	var failed error
	request := httptest.NewRequest("POST", "/v1/cards/nonsense/adjustments", nil)
	if _, err := app(new(server), before, &failed).Test(request); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(failed, closed) {
		t.Errorf("got %v", failed)
	}
	if got := asked["adjustCard"]; len(got) != 1 || got[0] != "admin" {
		t.Errorf("adjustCard is opened by %v", got)
	}
	if got := asked["getHealth"]; len(got) != 0 {
		t.Errorf("getHealth is opened by %v", got)
	}
}
