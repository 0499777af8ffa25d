package apitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are those of the contract's bodies, each compiled once. The library that
// knows OpenAPI compiles a schema anew for every value it looks at, which was more
// than half the time of all tests of the API.
type schemas struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler // serves one at a time
	compiled map[string]*jsonschema.Schema
}

// home is where the compiler finds the contract.
const home = "contract:///openapi.json"

func newSchemas(document *openapi3.T) (*schemas, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020) // which OpenAPI 3.1 uses
	compiler.RegisterFormat(&jsonschema.Format{Name: "int32", Validate: within(math.MinInt32, math.MaxInt32)})
	compiler.RegisterFormat(&jsonschema.Format{Name: "int64", Validate: within(math.MinInt64, math.MaxInt64)})
	compiler.AssertFormat()
	return &schemas{compiler: compiler, compiled: map[string]*jsonschema.Schema{}}, compiler.AddResource(home, whole)
}

// within is a format of whole numbers. What is no number is another keyword's
// business.
func within(least, most int64) func(any) error {
	return func(value any) error {
		number, ok := value.(json.Number)
		if !ok {
			return nil
		}
		if n, err := number.Int64(); err != nil || n < least || n > most {
			return errors.New("out of range")
		}
		return nil
	}
}

// violation says what the schema at a JSON pointer into the contract does not
// allow in a body.
func (s *schemas) violation(pointer string, body []byte) error {
	schema, err := s.at(pointer)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func (s *schemas) at(pointer string) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if schema := s.compiled[pointer]; schema != nil {
		return schema, nil
	}
	schema, err := s.compiler.Compile(home + "#" + pointer)
	if err == nil {
		s.compiled[pointer] = schema
	}
	return schema, err
}

// pointer is a JSON pointer (RFC 6901).
func pointer(steps ...string) string {
	var text strings.Builder
	for _, step := range steps {
		text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
	}
	return text.String()
}

// sentBody and answerBody are where the contract has the schema of a JSON body.
func sentBody(r *routers.Route) string {
	return bodyAt(r.Operation.RequestBody.Ref, "application/json", "paths", r.Path, strings.ToLower(r.Method), "requestBody")
}

func answerBody(r *routers.Route, status int, media string) string {
	return bodyAt(r.Operation.Responses.Status(status).Ref, media,
		"paths", r.Path, strings.ToLower(r.Method), "responses", strconv.Itoa(status))
}

func bodyAt(ref, media string, steps ...string) string {
	here := pointer(steps...)
	if ref != "" {
		here = strings.TrimPrefix(ref, "#")
	}
	return here + pointer("content", media, "schema")
}
