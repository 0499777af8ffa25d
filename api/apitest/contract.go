package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	contract "stempel/mobile-contracts"
)

// Contract is mobile-contracts/openapi.yaml, read to be obeyed.
type Contract struct {
	Document *openapi3.T
	Codes    map[string]Meaning // of problems

	frame  *openapi3.T // the document without schemas of JSON bodies
	bodies *schemas
}

// Meaning is what the contract says of a problem's code.
type Meaning struct {
	Status int    `json:"status"`
	By     string `json:"by"`
	Title  string `json:"title"`
}

// Load reads the contract once for all tests.
var Load = sync.OnceValue(func() *Contract {
	c, err := load()
	if err != nil {
		panic(err)
	}
	return c
})

func load() (c *Contract, err error) {
	for _, kind := range []string{"image/png", "image/jpeg", "image/svg+xml", "application/pdf", "text/csv"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	c = new(Contract)
	if c.Document, err = openapi3.NewLoader().LoadFromData(contract.OpenAPI()); err != nil {
		return nil, err
	}
	if c.frame, err = openapi3.NewLoader().LoadFromData(contract.OpenAPI()); err != nil {
		return nil, err
	}
	for _, item := range c.frame.Paths.Map() {
		for _, o := range item.Operations() {
			withoutBodies(o)
		}
	}
	if c.bodies, err = newSchemas(c.Document); err != nil {
		return nil, err
	}
	text, err := json.Marshal(c.Document.Components.Schemas["ProblemCode"].Value.Extensions["x-problem-codes"])
	if err != nil {
		return nil, err
	}
	return c, json.Unmarshal(text, &c.Codes)
}

func withoutBodies(o *openapi3.Operation) {
	contents := []openapi3.Content{}
	if o.RequestBody != nil {
		contents = append(contents, o.RequestBody.Value.Content)
	}
	for _, response := range o.Responses.Map() {
		contents = append(contents, response.Value.Content)
	}
	for _, content := range contents {
		for kind, media := range content {
			if isJSON(kind) {
				media.Schema = nil
			}
		}
	}
}

// isJSON reports whether a Content-Type is one of ours, whatever its parameters.
func isJSON(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	return kind == "application/json" || kind == "application/problem+json"
}

// exchange is one request with its answer.
type exchange struct {
	request *http.Request
	sent    []byte
	status  int
	header  http.Header
	body    []byte
}

var strict = &openapi3filter.Options{
	IncludeResponseStatus: true, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
	AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.EnableFormatValidation()},
}

// violations lists what the contract does not allow in an exchange. A request may
// break it, but then must not succeed.
func (c *Contract) violations(e *exchange) []string {
	found := headers(e)
	route, params := c.route(e.request)
	if route == nil { // HEAD, or not in the contract
		return append(found, c.problem(nil, e)...)
	}
	clone := e.request.Clone(e.request.Context())
	clone.Body = io.NopCloser(bytes.NewReader(e.sent))
	input := &openapi3filter.RequestValidationInput{Request: clone, PathParams: params, Route: route, Options: strict}
	if e.status < 400 {
		if err := c.sent(input, e); err != nil {
			found = append(found, "succeeded, although the contract forbids the request: "+err.Error())
		}
	} else if e.header.Get("Content-Type") != "application/json" { // readiness has no problems
		found = append(found, c.problem(route.Operation, e)...)
	}
	if err := c.answered(input, e); err != nil {
		found = append(found, "answer: "+err.Error())
	}
	return append(found, mediaType(route.Operation, e)...)
}

// sent says what the contract forbids of a request.
func (c *Contract) sent(input *openapi3filter.RequestValidationInput, e *exchange) error {
	if err := openapi3filter.ValidateRequest(e.request.Context(), input); err != nil {
		return err
	}
	if len(e.sent) == 0 || !isJSON(e.request.Header.Get("Content-Type")) {
		return nil
	}
	return c.bodies.violation(sentBody(input.Route), e.sent)
}

// answered says what the contract forbids of an answer.
func (c *Contract) answered(input *openapi3filter.RequestValidationInput, e *exchange) error {
	kind := e.header.Get("Content-Type")
	options := *strict
	options.ExcludeResponseBody = !strings.Contains(kind, "json")
	err := openapi3filter.ValidateResponse(e.request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: e.status, Header: e.header,
		Body: io.NopCloser(bytes.NewReader(e.body)), Options: &options,
	})
	if err != nil || !isJSON(kind) || e.request.Method == http.MethodHead {
		return err
	}
	return c.bodies.violation(answerBody(input.Route, e.status, kind), e.body)
}

// route finds the operation of a request.
func (c *Contract) route(r *http.Request) (*routers.Route, map[string]string) {
	asked := strings.Split(r.URL.EscapedPath(), "/")
	for path, item := range c.frame.Paths.Map() {
		params, ok := match(strings.Split(path, "/"), asked)
		if operation := item.GetOperation(r.Method); ok && operation != nil {
			return &routers.Route{Spec: c.frame, Path: path, PathItem: item, Method: r.Method, Operation: operation}, params
		}
	}
	return nil, nil
}

// match compares a path with a template, step by step: {card} takes any one.
func match(template, path []string) (params map[string]string, ok bool) {
	if len(template) != len(path) {
		return nil, false
	}
	params = map[string]string{}
	for i, step := range template {
		name, isParam := strings.CutPrefix(step, "{")
		switch {
		case isParam && path[i] != "":
			params[strings.TrimSuffix(name, "}")] = path[i]
		case step != path[i]:
			return nil, false
		}
	}
	return params, true
}

// mediaType holds that the answer has a type that the contract names.
func mediaType(o *openapi3.Operation, e *exchange) []string {
	response := o.Responses.Status(e.status)
	if response == nil || response.Value.Content.Get(e.header.Get("Content-Type")) != nil ||
		len(response.Value.Content) == 0 && len(e.body) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("answer %d is of type %q", e.status, e.header.Get("Content-Type"))}
}

// headers are those that go without saying in the contract, or hold everywhere.
func headers(e *exchange) []string {
	var found []string
	want := func(when bool, name string) {
		if when && e.header.Get(name) == "" {
			found = append(found, fmt.Sprintf("answer %d lacks %s", e.status, name))
		}
	}
	want(true, "X-Request-Id")
	want(true, "Date")
	want(e.status == http.StatusUnauthorized, "WWW-Authenticate")
	want(e.status == http.StatusMethodNotAllowed, "Allow")
	problem := e.header.Get("Content-Type") == "application/problem+json"
	want(problem && (e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable), "Retry-After")
	if wait := e.header.Get("Retry-After"); wait != "" {
		if n, err := strconv.Atoi(wait); err != nil || n < 1 {
			found = append(found, "Retry-After is "+wait)
		}
	}
	return found
}

// problem checks an answer that is not a success. Without an operation only the
// router can have refused.
func (c *Contract) problem(o *openapi3.Operation, e *exchange) []string {
	if e.status < 400 || e.request.Method == http.MethodHead {
		return nil
	}
	var p map[string]any
	if err := json.Unmarshal(e.body, &p); err != nil || e.header.Get("Content-Type") != "application/problem+json" {
		return []string{fmt.Sprintf("answer %d (%s) is no problem", e.status, e.header.Get("Content-Type"))}
	}
	var found []string
	if o == nil { // else it is held against the schema as an answer of the operation
		if err := c.bodies.violation(pointer("components", "schemas", "Problem"), e.body); err != nil {
			found = append(found, "problem: "+err.Error())
		}
	}
	code, _ := p["code"].(string)
	m, known := c.Codes[code]
	switch {
	case !known:
		found = append(found, "the code "+code+" is not in the contract")
	case m.Status != e.status || m.Title != p["title"] || p["type"] != "urn:stempel:problem:"+code || p["status"] != float64(m.Status):
		found = append(found, fmt.Sprintf("problem %s (%d) does not agree with the contract's table: %s", code, e.status, e.body))
	case !allows(o, code, m):
		found = append(found, "the operation does not list "+code)
	}
	if p["request_id"] != e.header.Get("X-Request-Id") {
		found = append(found, "request_id and X-Request-Id differ")
	}
	return found
}

// allows reports whether an operation, or the router, may answer a code.
func allows(o *openapi3.Operation, code string, m Meaning) bool {
	if o == nil {
		return m.By == "router"
	}
	if m.By == "every" || m.By == "query" || m.By == "body" && o.RequestBody != nil {
		return true
	}
	named, _ := o.Extensions["x-problems"].([]any)
	return slices.Contains(named, any(code))
}
