package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// wrong is a body with one mistake, and what that may be answered with.
type wrong struct {
	name  string
	body  []byte
	codes []gen.ProblemCode
}

func (w wrong) in(t *testing.T, s *site, o operation) {
	t.Helper()
	c := s.call(t, o)
	c.Body = w.body
	before := s.Book(t)
	answer := s.Do(t, c)
	if p := answer.Problem(); !slices.Contains(w.codes, p.Code) {
		t.Errorf("answered %d %s (%s), want one of %v; body %.200q", answer.Status, p.Code, p.Detail, w.codes, w.body)
	}
	if s.Book(t) != before {
		t.Error("the ledger has changed")
	}
}

// Bodies that are not even JSON objects.
func TestMalformedBodies(t *testing.T) {
	long(t)
	t.Parallel()
	malformed := []gen.ProblemCode{gen.ProblemCodeMalformedJSON}
	wrongType := []gen.ProblemCode{gen.ProblemCodeWrongType}
	eachOperation(t, takesBody, func(t *testing.T, s *site, o operation) {
		good, err := json.Marshal(s.bodyOf(t, o))
		if err != nil {
			t.Fatal(err)
		}
		deep := strings.Repeat("[", 100_000)
		for _, w := range []wrong{
			{"space", []byte(" "), malformed},
			{"opened", []byte("{"), malformed},
			{"cut off", good[:len(good)-1], malformed},
			{"twice", append(slices.Clone(good), good...), malformed},
			{"trailing comma", []byte(`{"a":1,}`), append(slices.Clone(malformed), gen.ProblemCodeUnknownField)},
			{"single quotes", []byte(`{'a':1}`), malformed},
			{"comment", append([]byte("/* */"), good...), malformed},
			{"byte order mark", append([]byte("\xef\xbb\xbf"), good...), malformed},
			{"UTF-16", []byte("{\x00}\x00"), malformed},
			{"NUL", []byte("\x00"), malformed},
			{"NUL after it", append(slices.Clone(good), 0), malformed},
			{"invalid UTF-8", []byte("{\"\xff\":1}"), malformed},
			{"half a surrogate", []byte(`{"\ud800":1}`), malformed},
			{"form", []byte("a=1&b=2"), malformed},
			{"NaN", []byte("NaN"), malformed},
			{"deep", []byte(deep), append(slices.Clone(malformed), gen.ProblemCodeWrongType)},
			{"deep object", []byte(strings.Repeat(`{"a":`, 30_000)), append(slices.Clone(malformed), gen.ProblemCodeUnknownField)},
			{"list", []byte("[]"), wrongType},
			{"text", []byte(`"x"`), wrongType},
			{"number", []byte("1"), wrongType},
			{"truth", []byte("true"), wrongType},
			{"null", []byte("null"), wrongType},
		} {
			t.Run(w.name, func(t *testing.T) { w.in(t, s, o) })
		}
	})
}

// Every field of every body, with every mistake that its schema forbids.
func TestWrongFields(t *testing.T) {
	long(t)
	t.Parallel()
	eachOperation(t, takesBody, func(t *testing.T, s *site, o operation) {
		known := map[string]bool{}
		for i, good := range append([]any{s.bodyOf(t, o)}, s.moreBodies(t, o)...) {
			body := plain(t, good)
			fields(body, "", known)
			for _, w := range mistakes(t, o.body(), body, "", func(value any) any { return value }) {
				if readsRules(o) && strings.HasPrefix(w.name, ".rules.") {
					continue // createProgram's are read by the same function
				}
				t.Run(fmt.Sprint(i, w.name), func(t *testing.T) { w.in(t, s, o) })
			}
		}
		if !readsRules(o) {
			covered(t, o.body(), "", known)
		}
	})
}

// readsRules reports whether the rules in an operation's body are createProgram's.
func readsRules(o operation) bool {
	return o.OperationID == "saveDraft" || o.OperationID == "replayProgram"
}

// plain is a value as JSON reads it.
func plain(t *testing.T, value any) (read any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// fields notes the path of every field of a body.
func fields(value any, at string, known map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			known[at+"."+name] = true
			fields(field, at+"."+name, known)
		}
	case []any:
		fields(value[0], at+"[0]", known)
	}
}

// covered holds that the bodies of a test had every field of the contract.
func covered(t *testing.T, schema *openapi3.Schema, at string, known map[string]bool) {
	t.Helper()
	for name, property := range schema.Properties {
		path := at + "." + name
		switch {
		case !known[path] && path != ".reward" && name != "id": // go without voucher; of what exists
			t.Errorf("no test knows a good value of %s: add it to bodyOf or moreBodies", path)
		case property.Value.Type.Is("array"):
			covered(t, property.Value.Items.Value, path+"[0]", known)
		default:
			covered(t, property.Value, path, known)
		}
	}
}

// mistakes are all bodies that differ from a good one by one mistake at or below
// a value. within puts a value in its place in the whole body.
func mistakes(t *testing.T, schema *openapi3.Schema, value any, at string, within func(any) any) []wrong {
	t.Helper()
	var all []wrong
	add := func(name string, bad any, codes ...gen.ProblemCode) {
		body, err := json.Marshal(within(bad))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, wrong{at + " " + name, body, codes})
	}
	for name, bad := range map[string]string{"null": "null", "object": "{}", "list": "[]", "text": `"x"`, "number": "7", "truth": "true"} {
		if !schema.Type.Is(map[string]string{"object": "object", "list": "array", "text": "string", "number": "integer", "truth": "boolean"}[name]) {
			codes := []gen.ProblemCode{gen.ProblemCodeWrongType}
			if name == "null" { // within a purchase, as if it were not there
				codes = append(codes, gen.ProblemCodeMissingField)
			}
			add("as "+name, json.RawMessage(bad), codes...)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		return append(all, objectMistakes(t, schema, value, at, within)...)
	case []any:
		long := make([]any, *schema.MaxItems+1)
		for i := range long {
			long[i] = value[0]
		}
		add("too long", long, gen.ProblemCodePurchaseInvalid, gen.ProblemCodeInvalidField)
		put := func(item any) any { return within([]any{item}) }
		return append(all, mistakes(t, schema.Items.Value, value[0], at+"[0]", put)...)
	case string:
		textMistakes(schema, value, add)
	case bool:
	default:
		numberMistakes(schema, add)
	}
	return all
}

func objectMistakes(t *testing.T, schema *openapi3.Schema, value map[string]any, at string, within func(any) any) []wrong {
	t.Helper()
	var all []wrong
	add := func(name string, bad any, code gen.ProblemCode) {
		body, err := json.Marshal(within(bad))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, wrong{at + " " + name, body, []gen.ProblemCode{code}})
	}
	for _, unknown := range []string{"unknown", "", "ID", "__proto__", "a.b", "\x00", "ключ", strings.Repeat("x", 10_000)} {
		add(fmt.Sprintf("with %.10q", unknown), with(value, unknown, 1), gen.ProblemCodeUnknownField)
	}
	for name := range value {
		upper := with(value, strings.ToUpper(name), value[name])
		delete(upper, name)
		add(name+" in upper case", upper, gen.ProblemCodeUnknownField)
		add(name+" twice", twice(t, value, name), gen.ProblemCodeInvalidField)
	}
	for _, name := range schema.Required {
		less := with(value, name, nil)
		delete(less, name)
		add("without "+name, less, gen.ProblemCodeMissingField)
	}
	for name, property := range schema.Properties {
		if _, given := value[name]; given {
			put := func(field any) any { return within(with(value, name, field)) }
			all = append(all, mistakes(t, property.Value, value[name], at+"."+name, put)...)
		}
	}
	return all
}

func with(object map[string]any, name string, value any) map[string]any {
	more := apitest.Map{name: value}
	for other, v := range object {
		if other != name {
			more[other] = v
		}
	}
	return more
}

// twice is the object with one of its names repeated.
func twice(t *testing.T, object map[string]any, name string) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	field, err := json.Marshal(map[string]any{name: object[name]})
	if err != nil {
		t.Fatal(err)
	}
	return append(append(text[:len(text)-1], ','), field[1:]...)
}

type adding func(name string, bad any, codes ...gen.ProblemCode)

func textMistakes(schema *openapi3.Schema, good string, add adding) {
	codes := []gen.ProblemCode{ // by what the text means
		gen.ProblemCodeInvalidField, gen.ProblemCodeInvalidID, gen.ProblemCodeMissingField, gen.ProblemCodePurchaseInvalid,
		gen.ProblemCodeCredentialUnknown, gen.ProblemCodeCredentialMalformed, gen.ProblemCodeScanMalformed,
		gen.ProblemCodeClaimMalformed,
	}
	if schema.MaxLength != nil {
		add("too long", strings.Repeat("x", int(*schema.MaxLength)+1), codes...)
		add("far too long", strings.Repeat("x", 50_000), codes...)
	}
	if schema.MinLength > 0 {
		add("empty", "", codes...)
	}
	if schema.Pattern != "" || len(schema.Enum) > 0 {
		for _, bad := range []string{"?", " " + good, good + " ", good + "\n", good + "\x00", "\u202e" + good, strings.Repeat("9", 300)} {
			add(fmt.Sprintf("as %.20q", bad), bad, codes...)
		}
		if upper := strings.ToUpper(good); upper != good {
			add("in upper case", upper, codes...)
		}
		if lower := strings.ToLower(good); lower != good {
			add("in lower case", lower, codes...)
		}
	}
}

func numberMistakes(schema *openapi3.Schema, add adding) {
	for _, bad := range []string{
		"1.5", "1e400", "-1e400", "9223372036854775808", "-9223372036854775809", strings.Repeat("9", 1000), `"1"`, `""`, "1e-1", "0.0000001",
	} {
		add("as "+bad[:min(len(bad), 30)], json.RawMessage(bad), gen.ProblemCodeWrongType)
	}
	outside := []gen.ProblemCode{gen.ProblemCodeUnitsOutOfRange, gen.ProblemCodePurchaseInvalid, gen.ProblemCodeInvalidField}
	add("above", json.RawMessage(strconv.FormatInt(int64(*schema.Max)+1, 10)), outside...)
	add("below", json.RawMessage(strconv.FormatInt(int64(*schema.Min)-1, 10)), outside...)
	if schema.Format == "int32" {
		outside = append(outside, gen.ProblemCodeWrongType)
	}
	add("as the largest", json.RawMessage("9223372036854775807"), outside...)
}

func TestEmptyBodies(t *testing.T) {
	t.Parallel()
	eachOperation(t, needsBody, func(t *testing.T, s *site, o operation) {
		c := s.call(t, o)
		for _, empty := range []string{"", "{}"} {
			c.Body = []byte(empty)
			s.Refused(t, c, gen.ProblemCodeMissingField)
		}
	})
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	eachOperation(t, takesBody, func(t *testing.T, s *site, o operation) {
		for _, kind := range []string{
			"text/plain", "text/json", "application/xml", "application/x-www-form-urlencoded", "application/json5",
			"application/problem+json", "multipart/form-data; boundary=x", "multipart/form-data", ";", "json",
		} {
			c := s.call(t, o)
			c.Header = map[string]string{"Content-Type": kind}
			s.Refused(t, c, gen.ProblemCodeUnsupportedMediaType)
		}
		for _, encoding := range []string{"gzip", "br", "deflate", "gzip, gzip", "x"} {
			c := s.call(t, o)
			c.Header = map[string]string{"Content-Encoding": encoding}
			s.Refused(t, c, gen.ProblemCodeUnsupportedMediaType)
		}
	})
}
