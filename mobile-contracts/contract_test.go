package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	contract "stempel/mobile-contracts"
)

// operation is one operation of the contract with where it stands.
type operation struct {
	*openapi3.Operation
	method, path string
	item         *openapi3.PathItem
}

// versioned reports whether the operation is for app developers and tills.
func (o operation) versioned() bool { return strings.HasPrefix(o.path, "/v1/") }

// forWallets reports whether phones call the operation by themselves. Some of
// these take a pass's token, some none.
func (o operation) forWallets() bool { return strings.HasPrefix(o.path, "/passes/") }

// public reports whether the operation takes no key.
func (o operation) public() bool { return len(*o.Security) == 0 }

// keyless are the operations under /v1 that anybody may ask for: the secret is in
// the body.
var keyless = []string{"pairTill"}

func load(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func operations(document *openapi3.T) []operation {
	var all []operation
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			all = append(all, operation{o, method, path, item})
		}
	}
	return all
}

// eachOperation runs a test for every operation.
func eachOperation(t *testing.T, document *openapi3.T, test func(*testing.T, operation)) {
	t.Helper()
	for _, o := range operations(document) {
		t.Run(o.method+" "+o.path, func(t *testing.T) { test(t, o) })
	}
}

func TestIsOpenAPI(t *testing.T) {
	if err := load(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOperationsAreDescribed(t *testing.T) {
	document := load(t)
	seen := map[string]string{}
	eachOperation(t, document, func(t *testing.T, o operation) {
		if other, taken := seen[o.OperationID]; taken || o.OperationID == "" {
			t.Errorf("operationId %q: is missing or that of %s", o.OperationID, other)
		}
		seen[o.OperationID] = o.path
		if o.Summary == "" {
			t.Error("has no summary")
		}
		if len(o.Tags) != 1 || document.Tags.Get(o.Tags[0]) == nil {
			t.Errorf("tags %v: want one that the contract describes", o.Tags)
		}
	})
}

// Tests of every route with every wrong key follow from this form.
func TestSecurityIsAnyOfSomeSchemes(t *testing.T) {
	document := load(t)
	eachOperation(t, document, func(t *testing.T, o operation) {
		if o.Security == nil {
			t.Fatal("says nothing of security: want schemes, or [] for everybody")
		}
		if want := !o.versioned() || slices.Contains(keyless, o.OperationID); o.public() != want && !o.forWallets() {
			t.Errorf("public: %v", o.public())
		}
		for _, requirement := range *o.Security {
			names := slices.Collect(maps.Keys(requirement))
			if len(names) != 1 || document.Components.SecuritySchemes[names[0]] == nil {
				t.Errorf("requirement %v: want one declared scheme", names)
			}
		}
	})
}

func TestBodiesAreClosed(t *testing.T) {
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		if o.RequestBody == nil {
			return
		}
		content := o.RequestBody.Value.Content
		if content["image/png"] != nil && content["image/jpeg"] != nil && len(content) == 2 {
			return // a picture
		}
		if content["text/csv"] != nil && len(content) == 1 {
			return // a file
		}
		media := content["application/json"]
		if media == nil || len(content) != 1 {
			t.Fatal("want a body in JSON alone, or a picture, or a file of CSV")
		}
		closed(t, media.Schema, "")
	})
}

// closed holds that unknown fields are refused at every depth, and that texts
// and lists have an end.
func closed(t *testing.T, ref *openapi3.SchemaRef, at string) {
	t.Helper()
	schema := ref.Value
	switch {
	case schema.Type.Is("object"):
		if extra := schema.AdditionalProperties.Has; extra == nil || *extra {
			t.Errorf("object at %q allows fields that the contract does not know", at)
		}
		for name, property := range schema.Properties {
			closed(t, property, at+"."+name)
		}
	case schema.Type.Is("array"):
		if schema.MaxItems == nil {
			t.Errorf("list at %q has no end", at)
		}
		closed(t, schema.Items, at+"[]")
	case schema.Type.Is("string"):
		if schema.MaxLength == nil && schema.Pattern == "" && len(schema.Enum) == 0 {
			t.Errorf("text at %q has no end", at)
		}
	case schema.Type.Is("integer"):
		if schema.Min == nil || schema.Max == nil || schema.Format == "" {
			t.Errorf("number at %q has no bounds or no format", at)
		}
	}
}
