package contract_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// asked is an arrow of a diagram that asks Stempel: a method, a path, and the key
// that it takes.
var asked = regexp.MustCompile(`(?m)^    \w->>S: (GET|POST) (/v1/\S+)(?: \{([^}]*)\})? *\((app key|card token|till token)\)$`)

// What the page for app developers draws can be asked as it is drawn: the route is
// there, takes that key, and knows those fields.
func TestTheFlowsAreTrue(t *testing.T) {
	page, err := os.ReadFile("sdk.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := asked.FindAllStringSubmatch(string(page), -1)
	if arrows := strings.Count(string(page), "->>S: GET /v1") + strings.Count(string(page), "->>S: POST /v1"); arrows != len(drawn) || arrows < 10 {
		t.Errorf("%d arrows ask Stempel, and %d are understood", arrows, len(drawn))
	}
	doc := load(t)
	for _, arrow := range drawn {
		method, path, key := arrow[1], arrow[2], strings.Fields(arrow[4])[0]
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(method) == nil {
			t.Errorf("there is no %s %s", method, path)
			continue
		}
		o := item.GetOperation(method)
		if !slices.ContainsFunc(*o.Security, func(r openapi3.SecurityRequirement) bool { _, ok := r[key]; return ok }) {
			t.Errorf("%s %s does not take the %s", method, path, arrow[4])
		}
		for _, field := range regexp.MustCompile(`, | or `).Split(arrow[3], -1) {
			if field == "" {
				continue
			}
			schema := o.RequestBody.Value.Content.Get("application/json").Schema.Value
			if schema.Properties[field] == nil {
				t.Errorf("%s %s has no field %s", method, path, field)
			}
		}
	}
}
