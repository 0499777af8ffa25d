package contract_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// meaning is a row of x-problem-codes.
type meaning struct {
	Status int    `json:"status"`
	By     string `json:"by"` // who answers it; empty: operations that name it
	Title  string `json:"title"`
}

// extension reads an x- field into a type of its own.
func extension[T any](t *testing.T, extensions map[string]any, name string) T {
	t.Helper()
	var value T
	text, err := json.Marshal(extensions[name])
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

func problemCodes(t *testing.T, document *openapi3.T) map[string]meaning {
	t.Helper()
	return extension[map[string]meaning](t, document.Components.Schemas["ProblemCode"].Value.Extensions, "x-problem-codes")
}

func TestProblemCodesAreListedOnce(t *testing.T) {
	document := load(t)
	table := problemCodes(t, document)
	var listed []string
	for _, code := range document.Components.Schemas["ProblemCode"].Value.Enum {
		listed = append(listed, code.(string))
	}
	slices.Sort(listed)
	if want := slices.Sorted(maps.Keys(table)); !slices.Equal(listed, want) {
		t.Errorf("enum and x-problem-codes differ:\n%v\n%v", listed, want)
	}
	for code, m := range table {
		if m.Status < 400 || m.Status > 599 || m.Title == "" || strings.HasSuffix(m.Title, ".") {
			t.Errorf("%s: %+v: want a status and a title without a full stop", code, m)
		}
		if !slices.Contains([]string{"", "every", "query", "body", "router"}, m.By) {
			t.Errorf("%s: by %q: want every, query, body, router or nothing", code, m.By)
		}
	}
}

// An operation documents the status of every code that it can answer, and no
// status without such a code.
func TestOperationsDocumentTheirProblems(t *testing.T) {
	document := load(t)
	table := problemCodes(t, document)
	used := map[string]bool{}
	eachOperation(t, document, func(t *testing.T, o operation) {
		if !o.versioned() && !strings.HasPrefix(o.path, "/passes/google/") {
			return // for whoever runs the server, or in the words of another
		}
		named := extension[[]string](t, o.Extensions, "x-problems")
		want := map[string]bool{}
		for _, m := range table {
			forKeys := m.Status == 401 || m.Status == 403
			if m.By == "every" && !(forKeys && o.public()) || m.By == "query" && o.versioned() || m.By == "body" && o.RequestBody != nil {
				want[strconv.Itoa(m.Status)] = true
			}
		}
		for _, code := range named {
			m, known := table[code]
			if !known || m.By != "" {
				t.Errorf("x-problems: %q is unknown, or goes without saying", code)
			}
			want[strconv.Itoa(m.Status)] = true
			used[code] = true
		}
		for status, response := range o.Responses.Map() {
			if status[0] == '2' {
				continue
			}
			if !want[status] {
				t.Errorf("documents %s, which no code has", status)
			}
			delete(want, status)
			media := response.Value.Content["application/problem+json"]
			if media == nil || media.Schema.Ref != "#/components/schemas/Problem" {
				t.Errorf("%s is not a Problem", status)
			}
		}
		for status := range want {
			t.Errorf("does not document %s", status)
		}
	})
	for code, m := range table {
		if m.By == "" && !used[code] {
			t.Errorf("%s: no operation names it", code)
		}
	}
}

// Operations that take no key although they are no GETs. New ones take one, or stand
// here with the reason.
var repeatable = map[string]string{
	"searchMembers":     "it only reads",
	"simulate":          "it only reads",
	"replayProgram":     "it only reads",
	"findPurchases":     "it only reads",
	"previewRefund":     "it only reads",
	"lookUp":            "it only notes that somebody looked, each time",
	"mintToken":         "it makes nothing that stays, and may be asked again",
	"getRotatingSecret": "it only reads",
	"beginShift":        "it makes nothing that stays, and may be asked again",
	"mintStatement":     "it makes nothing that stays, and may be asked again",
	"registerQueue":     "the same key is the same queue",
	"takeLease":         "a till has one lease: asking again is answered with it",
	"syncQueue":         "its items name themselves",
	"linkPass":          "it makes nothing that stays, and may be asked again",
	"testWebhook":       "it only sends",
	"registerPass":      "Apple's protocol, in which asking again does nothing",
	"unregisterPass":    "Apple's protocol, in which asking again does nothing",
	"logFromPhones":     "Apple's protocol; it only writes a log",
	"hearGoogleWallet":  "Google's protocol, whose callbacks bear a number",
}

func TestMutationsTakeKeys(t *testing.T) {
	known := map[string]bool{}
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		takes := o.method == http.MethodGet || o.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
		why := repeatable[o.OperationID]
		known[o.OperationID] = true
		if takes == (why != "") {
			t.Errorf("%s takes an Idempotency-Key or only reads: %v, stands in the list of those that need none: %q", o.OperationID, takes, why)
		}
	})
	for id := range repeatable {
		if !known[id] {
			t.Errorf("%s is no operation", id)
		}
	}
}

func TestKeysOfRequestsAreDocumented(t *testing.T) {
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		named := extension[[]string](t, o.Extensions, "x-problems")
		key := o.Parameters.GetByInAndName("header", "Idempotency-Key")
		for _, code := range []string{"idempotency_key_invalid", "idempotency_key_reused", "outcome_unknown"} {
			if slices.Contains(named, code) != (key != nil) {
				t.Errorf("takes a key: %v, but %s stands otherwise", key != nil, code)
			}
		}
		if key != nil && key.Required && !slices.Contains(named, "idempotency_key_required") {
			t.Error("requires a key, but idempotency_key_required is missing")
		}
	})
}

// Examples of problems are rows of the table.
func TestProblemExamplesAgreeWithTheTable(t *testing.T) {
	document := load(t)
	table := problemCodes(t, document)
	for name, response := range document.Components.Responses {
		media := response.Value.Content["application/problem+json"]
		for _, example := range examplesOf(media.Example, media.Examples) {
			problem := example.value.(map[string]any)
			m := table[problem["code"].(string)]
			if problem["status"] != float64(m.Status) || problem["title"] != m.Title ||
				problem["type"] != fmt.Sprintf("urn:stempel:problem:%s", problem["code"]) {
				t.Errorf("%s: %v does not agree with %+v", name, problem, m)
			}
		}
	}
}

// Every code that the program can answer stands in the contract.
func TestCodesOfTheProgramAreContract(t *testing.T) {
	table := problemCodes(t, load(t))
	found := 0
	for _, folder := range []string{"../internal/loyalty", "../internal/credential", "../scanner"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, code := range codesIn(t, file) {
				found++
				if _, known := table[code]; !known {
					t.Errorf("%s: %s is not in the contract", file, code)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d codes: this test does not see them any more", found)
	}
}

// codesIn are the values of a file's constants of type loyalty.Code.
func codesIn(t *testing.T, file string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name, _ := spec.Type.(*ast.Ident)
		if qualified, ok := spec.Type.(*ast.SelectorExpr); ok {
			name = qualified.Sel
		}
		if name == nil || name.Name != "Code" {
			return true
		}
		for _, value := range spec.Values {
			if literal, ok := value.(*ast.BasicLit); ok {
				code, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, code)
			}
		}
		return true
	})
	return codes
}
