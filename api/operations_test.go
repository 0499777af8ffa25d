package api_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stempel/api/apitest"
	"stempel/api/gen"
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
			if kind := path.Base(schema.Ref); strings.HasSuffix(kind, "ID") {
				fields[name] = kind
			}
		}
	}
	return fields
}

// answers is the name of the schema of what a success answers, if it has one.
func (o operation) answers() string {
	for status, response := range o.Responses.Map() {
		if media := response.Value.Content["application/json"]; status[0] == '2' && media != nil {
			return path.Base(media.Schema.Ref)
		}
	}
	return ""
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
	office     offices
}

// offices are the ids of the shop that operations of the office are called with:
// of what may be used up, and not of what the site itself asks with.
type offices struct {
	till  loyalty.TillID // not paired yet
	staff loyalty.StaffID
	key   loyalty.APIKeyID
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
	s.office = newOffices(t, a, a.Shop)
	return s
}

func newOffices(t *testing.T, a *apitest.API, shop *apitest.Shop) (o offices) {
	t.Helper()
	till := apitest.Map{"name": "Spare", "location": shop.At}
	o.till = apitest.Read[gen.Till](t, a.Do(t, apitest.Call{Path: "/v1/tills", Token: shop.Admin, Body: till})).ID
	somebody := apitest.Map{"name": "Somebody else", "role": "cashier"}
	o.staff = apitest.Read[gen.Staff](t, a.Do(t, apitest.Call{Path: "/v1/staff", Token: shop.Admin, Body: somebody})).ID
	key := apitest.Map{"name": "Spare", "scope": "admin"}
	o.key = apitest.Read[gen.APIKey](t, a.Do(t, apitest.Call{Path: "/v1/api-keys", Token: shop.Admin, Body: key})).ID
	return o
}

// ids are what stands for the parameters of a path.
func (s *site) ids() map[string]string {
	return map[string]string{
		"card": s.card.String(), "entry": s.entry.String(), "location": s.Shop.At.String(),
		"till": s.office.till.String(), "staff": s.office.staff.String(), "key": s.office.key.String(),
	}
}

// call is a valid request of the operation with everything in it that the
// contract knows, under its first security scheme.
func (s *site) call(t *testing.T, o operation) apitest.Call {
	t.Helper()
	c := apitest.Call{Method: o.method, Path: o.path}
	for name, id := range s.ids() {
		c.Path = strings.ReplaceAll(c.Path, "{"+name+"}", id)
	}
	if schemes := o.schemes(); len(schemes) > 0 {
		c.Token = s.tokens()[schemes[0]]
	}
	if o.param("header", "Idempotency-Key") != nil {
		c.Key = apitest.Key()
	}
	if o.OperationID == "pairTill" {
		c.For = s.Shop
	}
	c.Body = s.bodyOf(t, o)
	return c
}

// pairingCode is a fresh one.
func (s *site) pairingCode(t *testing.T, till loyalty.TillID) string {
	t.Helper()
	c := apitest.Call{Path: "/v1/tills/" + till.String() + "/pairing", Token: s.Shop.Admin}
	return apitest.Read[gen.Pairing](t, s.Do(t, c)).Code
}

// pair pairs a device with a till.
func (s *site) pair(t *testing.T, till loyalty.TillID) gen.PairedTill {
	t.Helper()
	c := apitest.Call{Path: "/v1/pairings", For: s.Shop, Body: apitest.Map{"code": s.pairingCode(t, till)}}
	paired := apitest.Read[gen.PairedTill](t, s.Do(t, c))
	s.Shop.Trust(paired.Token)
	return paired
}

// tokens are the shop's, by security scheme.
func (s *site) tokens() map[string]string {
	return map[string]string{"admin": s.Shop.Admin, "app": s.Shop.App, "till": s.Shop.Front.Token}
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
	case "voidEntry":
		return apitest.Map{"pin": pin}
	case "updateMerchant":
		return apitest.Map{"name": "Under a new name"}
	case "createLocation", "updateLocation":
		return apitest.Map{"name": "Am Hafen", "zone": "Europe/Berlin"}
	case "createTill", "updateTill":
		return apitest.Map{"name": "Spare", "location": s.Shop.At}
	case "pairTill":
		return apitest.Map{"code": s.pairingCode(t, s.office.till)}
	case "createStaff":
		return apitest.Map{"name": "Anna", "role": "cashier", "pin": newPIN()}
	case "updateStaff":
		return apitest.Map{"name": "Anna", "role": "cashier"}
	case "setPIN":
		return apitest.Map{"pin": newPIN()}
	case "createAPIKey":
		return apitest.Map{"name": "Web shop", "scope": "app"}
	case "rotateAPIKey":
		return apitest.Map{"grace_seconds": 60}
	}
	if o.RequestBody != nil {
		t.Fatalf("no test knows a valid body of %s yet: add it here", o.OperationID)
	}
	return nil
}

// newPIN is one that nobody has, and that stands in no answer by chance.
func newPIN() string { return fmt.Sprintf("%012d", rand.Int64N(1_000_000_000_000)) }

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
func takesKey(o operation) bool  { return o.param("header", "Idempotency-Key") != nil }
func posts(o operation) bool {
	return takesKey(o) && slices.Contains([]string{"Card", "Scan", "Posting"}, o.answers())
}

func givesSecret(o operation) bool {
	named, _ := o.Extensions["x-problems"].([]any)
	return slices.Contains(named, any("answer_not_repeatable"))
}
func isGet(o operation) bool { return o.method == http.MethodGet }

// The calls that the tests of bad input start from are good. Those that act come
// last, as they use the site up.
func TestEveryOperationSucceeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, o := range inOrder(t, whatever) {
		t.Run(o.OperationID, func(t *testing.T) {
			if answer := s.Do(t, s.call(t, o)); answer.Status >= 300 {
				t.Errorf("answered %d: %s", answer.Status, answer.Body)
			}
		})
	}
}

// inOrder are the operations such that those which use the site up come last.
func inOrder(t *testing.T, kind func(operation) bool) []operation {
	t.Helper()
	all := slices.DeleteFunc(operations(t), func(o operation) bool { return !kind(o) })
	slices.SortStableFunc(all, func(a, b operation) int { return rank(a) - rank(b) })
	return all
}

func rank(o operation) int {
	return slices.Index([]string{"redeem", "earn", "scan", "voidEntry", "dismissStaff", "revokeTill", "revokeAPIKey"}, o.OperationID)
}
