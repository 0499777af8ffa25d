package contract_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// example is one example with its name; the lone one has none.
type example struct {
	name  string
	value any
}

func examplesOf(lone any, named openapi3.Examples) []example {
	var all []example
	if lone != nil {
		all = append(all, example{"", lone})
	}
	for name, ref := range named {
		all = append(all, example{name, ref.Value.Value})
	}
	return all
}

// check holds that a value is what the schema says, formats and constants
// included.
func check(schema *openapi3.SchemaRef, value any) error {
	return schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation(), openapi3.MultiErrors())
}

// eachMedia visits every body and answer with its examples, if JSON at all.
func eachMedia(o operation, visit func(at string, media *openapi3.MediaType)) {
	if o.RequestBody != nil {
		for kind, media := range o.RequestBody.Value.Content {
			if kind == "application/json" {
				visit("body", media)
			}
		}
	}
	for status, response := range o.Responses.Map() {
		for kind, media := range response.Value.Content {
			if kind == "application/json" || kind == "application/problem+json" {
				visit(status, media)
			}
		}
	}
}

func TestEveryBodyAndAnswerHasAnExample(t *testing.T) {
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		eachMedia(o, func(at string, media *openapi3.MediaType) {
			examples := examplesOf(media.Example, media.Examples)
			if len(examples) == 0 {
				t.Errorf("%s has no example", at)
			}
			for _, e := range examples {
				if err := check(media.Schema, e.value); err != nil {
					t.Errorf("%s, example %q: %v", at, e.name, err)
				}
			}
		})
	})
}

func TestEveryParameterHasAnExample(t *testing.T) {
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		for _, parameters := range []openapi3.Parameters{o.Parameters, o.item.Parameters} {
			for _, p := range parameters {
				if p.Value.Example == nil || p.Value.Description == "" {
					t.Errorf("parameter %s lacks an example or a description", p.Value.Name)
				}
				if err := check(p.Value.Schema, p.Value.Example); err != nil {
					t.Errorf("parameter %s: %v", p.Value.Name, err)
				}
			}
		}
	})
}

func TestExamplesOfSchemasAgreeWithThem(t *testing.T) {
	for name, schema := range load(t).Components.Schemas {
		fields := map[string]*openapi3.SchemaRef{name: schema}
		for property, ref := range schema.Value.Properties {
			fields[name+"."+property] = ref
		}
		for at, ref := range fields {
			if ref.Value.Example == nil {
				continue
			}
			if err := check(ref, ref.Value.Example); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	}
}

// The checks above are worth something: they refuse what is almost right.
func TestCheckRefusesWhatIsAlmostRight(t *testing.T) {
	schemas := load(t).Components.Schemas
	for name, test := range map[string]struct {
		schema string
		value  any
	}{
		"other kind of id":  {"CardID", "till_01m0a2hh1kf7wbaemseg1xe5m4"},
		"upper-case id":     {"CardID", "card_01M10G1WAYFPQ8R9TTVTB5XPHJ"},
		"unknown value":     {"EntryKind", "gift"},
		"fraction":          {"Units", 1.5},
		"too many units":    {"Units", 9007199254740992.0},
		"other constant":    {"Health", map[string]any{"status": "good"}},
		"no time":           {"Used", map[string]any{"at": "yesterday"}},
		"unknown field":     {"NewCard", map[string]any{"program": "program_01m0wyf4npfqdbdnpqxa7mtfh7", "unit": 1.0}},
		"missing field":     {"NewCard", map[string]any{}},
		"null for an empty": {"Adjustment", map[string]any{"units": 1.0, "note": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := check(schemas[test.schema], test.value); err == nil {
				t.Errorf("%s took %v", test.schema, test.value)
			}
		})
	}
}
