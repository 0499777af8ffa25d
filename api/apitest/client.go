package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"stempel/api/gen"
)

// Call is one request.
type Call struct {
	Method string // POST when empty
	Path   string // with its query
	Token  string // sent as Authorization: Bearer …, unless empty
	Key    string // sent as Idempotency-Key, unless empty
	Body   any    // sent as JSON, or as it is when it is a []byte; nil: none
	Header map[string]string
	For    *Shop // who asks without a token: whoever holds a pairing code
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a request and fails the test where the exchange breaks the contract or
// gives something away.
func (a *API) Do(t testing.TB, c Call) *Answer {
	t.Helper()
	answer, err := a.Try(t, c)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method(), c.Path, err)
	}
	return answer
}

// Try is Do for a server that may not answer, and for other goroutines than the
// test's.
func (a *API) Try(t testing.TB, c Call) (*Answer, error) {
	t.Helper()
	request, sent, err := a.request(t, c)
	if err != nil {
		return nil, err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	for _, v := range Load().violations(&exchange{request, sent, response.StatusCode, response.Header, body}) {
		t.Errorf("%s %s: %s", c.method(), c.Path, v)
	}
	if isJSON(response.Header.Get("Content-Type")) {
		asking := a.shopOf(c.Token)
		if asking == nil {
			asking = c.For
		}
		for _, word := range a.leaks(asking, string(body)) {
			t.Errorf("%s %s: answer %d holds %q: %.300s", c.method(), c.Path, response.StatusCode, word, body)
		}
	}
	return &Answer{response.StatusCode, response.Header, body}, nil
}

func (c *Call) method() string {
	if c.Method == "" {
		return http.MethodPost
	}
	return c.Method
}

func (a *API) request(t testing.TB, c Call) (*http.Request, []byte, error) {
	body, raw := c.Body.([]byte)
	if !raw && c.Body != nil {
		var err error
		if body, err = json.Marshal(c.Body); err != nil {
			return nil, nil, err
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), c.method(), a.URL+c.Path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	c.head(request.Header, len(body) > 0)
	return request, body, nil
}

func (c *Call) head(h http.Header, hasBody bool) {
	if hasBody {
		h.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		h.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Key != "" {
		h.Set("Idempotency-Key", c.Key)
	}
	for name, value := range c.Header {
		if h.Set(name, value); value == "" {
			h.Del(name)
		}
	}
}

// Read reads a success into a type of the contract, which must know every field.
func Read[T any](t testing.TB, a *Answer) T {
	t.Helper()
	var value T
	if a.Status >= 300 {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("answer %s: %v", a.Body, err)
	}
	return value
}

// Problem reads a refusal; a success has an empty one.
func (a *Answer) Problem() gen.Problem {
	var p gen.Problem
	if a.Status < 400 || json.Unmarshal(a.Body, &p) != nil {
		return gen.Problem{}
	}
	return p
}

// Refused makes a request that must be refused with that code, and changes nothing.
func (a *API) Refused(t testing.TB, c Call, code gen.ProblemCode) gen.Problem {
	t.Helper()
	before := a.Book(t)
	answer := a.Do(t, c)
	if p := answer.Problem(); p.Code != code {
		t.Fatalf("%s %s: got %d %.300q, want %s", c.method(), c.Path, answer.Status, answer.Body, code)
	}
	if after := a.Book(t); after != before {
		t.Errorf("%s %s: refused with %s, but the ledger has changed", c.method(), c.Path, code)
	}
	return answer.Problem()
}

// Bytes are the call as it goes over the wire.
func (a *API) Bytes(t testing.TB, c Call) []byte {
	t.Helper()
	request, _, err := a.request(t, c)
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		t.Fatal(err)
	}
	return wire.Bytes()
}
