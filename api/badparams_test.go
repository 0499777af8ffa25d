package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func TestBadIDsInPaths(t *testing.T) {
	long(t)
	t.Parallel()
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		for _, p := range o.params {
			if p.Value.In != "path" || p.Value.Name == "picture" { // which is no id
				continue
			}
			c := s.call(t, o)
			good := strings.Split(c.Path, "/")[slices.Index(strings.Split(o.path, "/"), "{"+p.Value.Name+"}")]
			refused := func(id string, code gen.ProblemCode) {
				again := c
				again.Path = strings.Replace(c.Path, good, id, 1)
				s.Refused(t, again, code)
			}
			prefix, digits, _ := strings.Cut(good, "_")
			for _, bad := range []string{
				"x", "1", "null", digits, prefix + "_", prefix + "_" + digits[1:], good + "0", prefix + "_8" + digits[1:],
				prefix + "_" + strings.Repeat("0", 26), s.Shop.ID.String(), s.Shop.Front.ID.String(),
				strings.ToUpper(good), prefix + "_" + strings.ToUpper(digits), good + "%00", "%00" + good, "%63" + good[1:],
				good + "%20", prefix + "_" + digits[:25] + "u", "%ff%fe", "..", strings.Repeat("a", 300),
				"01987654-3210-7000-8000-000000000000", "'%20OR%201=1--",
			} {
				if bad == s.Shop.Front.ID.String() && prefix == "till" || bad == s.Shop.ID.String() && prefix == "merchant" {
					continue
				}
				refused(bad, gen.ProblemCodeInvalidID)
			}
			unknown := prefix + strings.TrimPrefix(loyalty.CardID(loyalty.NewID()).String(), "card")
			noun := p.Value.Name
			if noun == "event" {
				noun = "delivery"
			}
			refused(unknown, gen.ProblemCode(noun+"_not_found"))
		}
	})
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		for _, p := range o.params {
			if p.Value.In != "query" {
				continue
			}
			for _, bad := range badValues(p.Value) {
				c := s.call(t, o)
				c.Path += "?" + bad
				s.Refused(t, c, gen.ProblemCodeInvalidField)
			}
		}
	})
}

// badValues are queries that the parameter's schema forbids.
func badValues(p *openapi3.Parameter) []string {
	set := func(value string) string { return url.QueryEscape(p.Name) + "=" + url.QueryEscape(value) }
	schema := p.Schema.Value
	values := []string{set("") + "&" + set("")}
	switch {
	case schema.Type.Is("integer"):
		values = append(values, set("1")+"&"+set("1"))
		for _, v := range []string{"", "x", "1.5", "1e2", "0x10", " 1", "1 ", "٣", "9223372036854775808", "-9223372036854775809", "1\x00"} {
			values = append(values, set(v))
		}
		if schema.Min != nil {
			values = append(values, set(strconv.FormatInt(int64(*schema.Min)-1, 10)))
		}
		if schema.Max != nil {
			values = append(values, set(strconv.FormatInt(int64(*schema.Max)+1, 10)))
		}
	case len(schema.Enum) > 0:
		first := fmt.Sprint(schema.Enum[0])
		values = append(values, set(""), set("other"), set(strings.ToUpper(first)), set(first+"\x00"), set(first)+"&"+set(first))
	}
	return values
}

func TestBadIdempotencyKeys(t *testing.T) {
	t.Parallel()
	eachOperation(t, takesKey, func(t *testing.T, s *site, o operation) {
		bad := []string{"schlüssel", "ключ", strings.Repeat("k", 256), strings.Repeat("k", 300), "two words", "tab\tbed", "\u00a0", "k\x80"}
		for _, key := range bad {
			c := s.call(t, o)
			c.Key = key
			s.Refused(t, c, gen.ProblemCodeIdempotencyKeyInvalid)
		}
		if o.param("header", "Idempotency-Key").Required || o.OperationID == "scan" { // a scan that earns
			c := s.call(t, o)
			c.Key = ""
			s.Refused(t, c, gen.ProblemCodeIdempotencyKeyRequired)
		}
	})
}

// A key of any visible character works, at its longest.
func TestGoodIdempotencyKeys(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	var visible []byte
	for c := byte('!'); c <= '~'; c++ {
		visible = append(visible, c)
	}
	for _, key := range []string{"k", string(visible), strings.Repeat("k", 255)} {
		c := apitest.Call{Path: "/v1/cards", Token: a.Shop.App, Key: key, Body: apitest.Map{"program": a.Shop.Stamps.ID}}
		first, second := a.Do(t, c), a.Do(t, c)
		if first.Status != 201 || !slices.Equal(first.Body, second.Body) || second.Header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("key %q: %d %s, then %s", key, first.Status, first.Body, second.Body)
		}
	}
}
