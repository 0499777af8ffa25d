package contract_test

import (
	"strings"
	"testing"
)

// Lists that cannot grow without end have no pages. New ones have, or stand here with
// the reason.
var bounded = map[string]string{
	"listTemplates":     "they come with the program",
	"findPurchases":     "the newest of one card, or what one receipt was credited with",
	"listChangedPasses": "Apple's protocol: what one phone holds",
}

// Lists are read in pages: after a row, or, of what is numbered, before a number.
func TestListsHavePages(t *testing.T) {
	eachOperation(t, load(t), func(t *testing.T, o operation) {
		if !strings.HasPrefix(o.OperationID, "list") && !strings.HasPrefix(o.OperationID, "find") {
			return
		}
		query := func(name string) bool { return o.Parameters.GetByInAndName("query", name) != nil }
		pages := query("limit") && (query("after") || query("before"))
		if why := bounded[o.OperationID]; pages == (why != "") {
			t.Errorf("%s has pages: %v, and the reason for none is %q", o.OperationID, pages, why)
		}
	})
}
