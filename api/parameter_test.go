package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

func versioned(o operation) bool { return strings.HasPrefix(o.path, "/v1/") }

// Every operation refuses a parameter that it does not know, and does nothing. Of a
// misspelt one it tells the right name.
func TestUnknownParameters(t *testing.T) {
	long(t)
	t.Parallel()
	eachOperation(t, versioned, func(t *testing.T, s *site, o operation) {
		refused := func(query, field, says string) {
			t.Helper()
			c := s.call(t, o)
			c.Path += "?" + query
			if p := s.Refused(t, c, gen.ProblemCodeUnknownParameter); p.Field != field || !strings.Contains(p.Detail, says) {
				t.Errorf("?%s: field %q, %q", query, p.Field, p.Detail)
			}
		}
		refused("zzzzzzzzzzzz=1", "zzzzzzzzzzzz", "zzzzzzzzzzzz")
		refused("zzzzzzzzzzzz", "zzzzzzzzzzzz", "zzzzzzzzzzzz")
		refused("%0A=1", "\n", "There is no parameter")
		refused(strings.Repeat("z", 300)+"=1", strings.Repeat("z", 100)+"…", "There is no parameter")
		for _, p := range o.params {
			if name := p.Value.Name; p.Value.In == "query" {
				refused(name+"s=1", name+"s", "Did you mean "+name+"?")
				refused(strings.ToUpper(name)+"=1", strings.ToUpper(name), "Did you mean "+name+"?")
			}
		}
	})
}

// Signed links are for people, and come back from messengers with more in them.
func TestLinksMayBeGivenMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, link := range []string{s.link, s.claimLink} {
		at, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if answer := s.Do(t, apitest.Call{Method: http.MethodGet, Path: at.RequestURI() + "&fbclid=x"}); answer.Status != http.StatusOK {
			t.Errorf("%s: %d %s", at.Path, answer.Status, answer.Body)
		}
	}
}

// What monitoring, Google and phones ask takes whatever they add.
func TestParametersOfOthersAreIgnored(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.yaml", "/.well-known/jwks.json", "/passes/google/pictures/" + s.picture} {
		if answer := s.Do(t, apitest.Call{Method: http.MethodGet, Path: path + "?cache=no"}); answer.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
		}
	}
}

// What is wrong with a parameter is told in its own terms.
func TestProblemsOfParametersNameTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, says := range map[string]string{
		"entries?from=yesterday": "The parameter from must be a time as in RFC 3339",
		"entries?limit=abc":      "The parameter limit must be a whole number",
		"entries?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": "The field to must be later than from.",
		"entries?limit=500":                    "must lie between 1 and 100",
		"entries?limit=1&limit=2":              "The parameter limit is given more than once.",
		"entries?card=x":                       "The parameter card is not an id of the wanted kind.",
		"cards?blocked=maybe":                  "The parameter blocked must be true or false.",
		"entries?to=2026-01-01T00:00:00+01:00": "with a + written as %2B",
	} {
		answer := s.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/" + query, Token: s.Shop.Admin})
		if p := answer.Problem(); p.Status != http.StatusBadRequest || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %s", query, answer.Body)
		}
	}
}
