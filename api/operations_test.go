package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
	"stempel/internal/loyalty"
)

// operation is one operation of the contract. Tests of bad input walk over all
// that there are, so that none can be forgotten.
type operation struct {
	*openapi3.Operation
	method, path string
	params       openapi3.Parameters // of the path and of the operation
}

func operations(t *testing.T) []operation {
	t.Helper()
	var all []operation
	for path, item := range apitest.Load().Document.Paths.Map() {
		for method, o := range item.Operations() {
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

// body is the schema of what the operation takes, or nil.
func (o operation) body() *openapi3.Schema {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Value.Content["application/json"].Schema.Value
}

func (o operation) param(in, name string) *openapi3.Parameter {
	return o.params.GetByInAndName(in, name)
}

// site is what valid calls are made of.
type site struct {
	*apitest.API
	card       loyalty.CardID  // a full stamp card and two stamps on the next
	entry      loyalty.EntryID // the last stamp
	credential string          // a live token of the card, not used
	scan       string          // a handle of the front till, not used
	voucher    loyalty.VoucherID
	link       string // a signed one
	claim      loyalty.ClaimID
	claimLink  string // to its picture
	code       string // of another claim, not used
	phone      string // token of the card
	device     loyalty.DeviceID
	rivals     string // token of another merchant's card
}

// newSite boots an API with a card on which everything can be done.
func newSite(t *testing.T, changes ...func(*apitest.Setup)) *site {
	t.Helper()
	return siteOn(t, apitest.Boot(t, changes...))
}

func siteOn(t *testing.T, a *apitest.API) *site {
	t.Helper()
	s := &site{API: a}
	s.card = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	s.voucher = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 11).Card.Vouchers[0].ID
	s.entry = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 1).Entries[0].ID
	s.scan = a.Look(t, a.Shop, a.Shop.Front, s.card).Scan
	minted := a.Mint(t, a.Shop, s.card)
	s.credential, s.link = minted.Token, minted.QRURL
	claim := a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1})
	s.claim, s.claimLink = claim.ID, claim.QRURL
	s.code = a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1}).Code
	s.phone = a.Phone(t, a.Shop, s.card).Token
	s.device = a.Phone(t, a.Shop, s.card).ID
	s.rivals = a.Phone(t, a.Rival, a.NewCard(t, a.Rival, a.Rival.Stamps).ID).Token
	return s
}

// call is a valid request of the operation with everything in it that the
// contract knows, under its first security scheme.
func (s *site) call(t *testing.T, o operation) apitest.Call {
	t.Helper()
	c := apitest.Call{Method: o.method, Path: s.path(o)}
	if schemes := o.schemes(); len(schemes) > 0 {
		c.Token = s.tokens()[schemes[0]]
	}
	if o.param("header", "Idempotency-Key") != nil {
		c.Key = apitest.Key()
	}
	c.Body = s.bodyOf(t, o)
	return c
}

func (s *site) path(o operation) string {
	path := o.path
	for name, id := range s.ids() {
		path = strings.Replace(path, "{"+name+"}", id, 1)
	}
	return path
}

// ids are what stands in paths, by the name of the parameter.
func (s *site) ids() map[string]string {
	return map[string]string{
		"card": s.card.String(), "entry": s.entry.String(), "claim": s.claim.String(), "device": s.device.String(),
	}
}

// tokens are the shop's, by security scheme.
func (s *site) tokens() map[string]string {
	return map[string]string{"admin": s.Shop.Admin, "app": s.Shop.App, "till": s.Shop.Front.Token, "card": s.phone}
}

func (s *site) bodyOf(t *testing.T, o operation) any {
	t.Helper()
	purchase := func() apitest.Map {
		return apitest.Map{
			"ref": apitest.Key(), "total": 1250, "currency": "EUR", "paid_with_reward": 0,
			"items": []any{apitest.Map{"sku": "1", "category": "ice", "quantity": 1000, "unit": "piece", "amount": 1250}},
		}
	}
	pin := s.Shop.PINs.Manager
	switch o.OperationID {
	case "createCard":
		return apitest.Map{"program": s.Shop.Stamps.ID}
	case "adjustCard":
		return apitest.Map{"units": 1, "note": "why"}
	case "mintToken":
		return apitest.Map{"method": "static", "surface": "print"}
	case "scan":
		earn := apitest.Map{"units": 1, "purchase": purchase()}
		return apitest.Map{"credential": s.credential, "channel": "camera", "earn": earn, "pin": pin}
	case "earn":
		return apitest.Map{"scan": s.scan, "units": 1, "purchase": purchase(), "pin": pin}
	case "redeem":
		return apitest.Map{"scan": s.scan, "voucher": s.voucher, "pin": pin}
	case "createDevice":
		return apitest.Map{"name": "Anna's"}
	case "createClaim":
		return apitest.Map{"program": s.Shop.Stamps.ID, "units": 1, "purchase": purchase(), "pin": pin}
	case "claim":
		return apitest.Map{"code": s.code, "card": s.card}
	case "voidEntry":
		return apitest.Map{"pin": pin}
	}
	if o.RequestBody != nil {
		t.Fatalf("no test knows a valid body of %s yet: add it here", o.OperationID)
	}
	return nil
}

// eachOperation runs a test for every operation of a kind, on a site of their own.
func eachOperation(t *testing.T, kind func(operation) bool, test func(*testing.T, *site, operation)) {
	t.Helper()
	s := newSite(t)
	for _, o := range operations(t) {
		if kind(o) {
			t.Run(o.OperationID, func(t *testing.T) { test(t, s, o) })
		}
	}
}

// Kinds of operations.
func whatever(operation) bool    { return true }
func guarded(o operation) bool   { return len(o.schemes()) > 0 }
func forTills(o operation) bool  { return slices.Contains(o.schemes(), "till") }
func takesBody(o operation) bool { return o.RequestBody != nil }
func needsBody(o operation) bool { return o.RequestBody != nil && o.RequestBody.Value.Required }
func forPhones(o operation) bool { return slices.Contains(o.schemes(), "card") }
func takesKey(o operation) bool  { return o.param("header", "Idempotency-Key") != nil }
func isGet(o operation) bool     { return o.method == http.MethodGet }

// rows is how many cards and entries the operation makes.
func rows(o operation) int {
	if o.OperationID == "withdrawClaim" || o.OperationID == "revokeDevice" {
		return 0
	}
	return 1
}

// isSecret reports whether the answer holds a secret, so that it is not repeated.
func isSecret(o operation) bool {
	named, _ := o.Extensions["x-problems"].([]any)
	return slices.Contains(named, any("answer_not_repeatable"))
}

// The calls that the tests of bad input start from are good. Those that act come
// last, as they use the site up.
func TestEveryOperationSucceeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := operations(t)
	slices.SortStableFunc(all, func(a, b operation) int { return rank(a) - rank(b) })
	for _, o := range all {
		t.Run(o.OperationID, func(t *testing.T) {
			if answer := s.Do(t, s.call(t, o)); answer.Status >= 300 {
				t.Errorf("answered %d: %s", answer.Status, answer.Body)
			}
		})
	}
}

func rank(o operation) int {
	return slices.Index([]string{"withdrawClaim", "redeem", "earn", "scan", "voidEntry"}, o.OperationID)
}
