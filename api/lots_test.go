package api_test

import (
	"net/http"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Bad lots are told by their field, and a program keeps those that it has.
func TestBadLots(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "supermarket")
	rules := func(change func(apitest.Map)) apitest.Map {
		r := apitest.Map{
			"name": "Supermarket", "kind": "points",
			"earn": apitest.Map{"by": "spend", "units": 1, "per": 100, "currency": "EUR", "rounding": "down"},
		}
		change(r)
		return r
	}
	for field, lots := range map[string]apitest.Map{
		"rules.lots.after":        {"expires": "months"},
		"rules.lots.expires":      {"expires": "tomorrow"},
		"rules.lots.remind_days":  {"remind_days": 3},
		"rules.lots.pending_days": {"pending_days": 367},
	} {
		body := apitest.Map{"rules": rules(func(r apitest.Map) { r["lots"] = lots })}
		p := c.Refused(t, apitest.Call{Path: "/v1/programs", Token: c.Shop.Admin, Body: body}, gen.ProblemCodeInvalidField)
		if p.Field != field {
			t.Errorf("%v: field %s, want %s", lots, p.Field, field)
		}
	}
	path := "/v1/programs/" + c.program.ID.String()
	draft := apitest.Map{"based_on": 1, "rules": rules(func(apitest.Map) {})}
	p := c.Refused(t, apitest.Call{Method: http.MethodPut, Path: path + "/draft", Token: c.Shop.Admin, Body: draft}, gen.ProblemCodeInvalidField)
	if p.Field != "rules.lots" {
		t.Errorf("a program without its lots: %+v", p)
	}
}
