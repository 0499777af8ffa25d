package api_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
)

// operation is one operation of the contract. Tests of bad input walk over all
// that there are, so that none can be forgotten.
type operation struct {
	*openapi3.Operation
	method, path string
	params       openapi3.Parameters // of the path and of the operation
}

// ofWallets are the operations that speak Apple's or Google's protocol and not ours:
// apple_phones_test.go and google_test.go have what is asked of them.
var ofWallets = []string{
	"registerPass", "unregisterPass", "listChangedPasses", "updatePass", "logFromPhones",
	"hearGoogleWallet", "getGooglePicture",
}

func operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for path, item := range apitest.Load().Document.Paths.Map() {
		for method, o := range item.Operations() {
			if slices.Contains(ofWallets, o.OperationID) {
				continue
			}
			all = append(all, operation{o, method, path, slices.Concat(item.Parameters, o.Parameters)})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	return all
}

// schemes are the security schemes that open an operation; none: it is public.
func (o operation) schemes() []string {
	var names []string
	for _, requirement := range *o.Security {
		names = append(names, slices.Collect(maps.Keys(requirement))...)
	}
	return names
}

// problems are the codes that the operation names.
func (o operation) problems() (codes []string) {
	named, _ := o.Extensions["x-problems"].([]any)
	for _, code := range named {
		codes = append(codes, code.(string))
	}
	return codes
}

// body is the schema of the JSON that the operation takes, or nil.
func (o operation) body() *openapi3.Schema {
	if o.RequestBody == nil || takesPicture(o) || takesCSV(o) {
		return nil
	}
	return o.RequestBody.Value.Content["application/json"].Schema.Value
}

// pathParams are the names of the parameters in the path, in order.
func (o operation) pathParams() (names []string) {
	for step := range strings.SplitSeq(o.path, "/") {
		if name, isParam := strings.CutPrefix(step, "{"); isParam {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// idFields are the fields of the body that name something, and what kind of id.
func (o operation) idFields() map[string]string {
	fields := map[string]string{}
	if body := o.body(); body != nil {
		for name, schema := range body.Properties {
			if kind := path.Base(schema.Ref); strings.HasSuffix(kind, "ID") && kind != "MemberExternalID" {
				fields[name] = kind
			}
		}
	}
	return fields
}

func (o operation) param(in, name string) *openapi3.Parameter {
	return o.params.GetByInAndName(in, name)
}
