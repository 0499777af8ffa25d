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
	link       string           // a signed one
	member     loyalty.MemberID // whose the card is
	twin       loyalty.MemberID // another one
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
	s.member, s.twin = a.NewMember(t, a.Shop).ID, a.NewMember(t, a.Shop).ID
	a.Attach(t, a.Shop, s.card, s.member)
	return s
}

// call is a valid request of the operation with everything in it that the
// contract knows, under its first security scheme.
func (s *site) call(t *testing.T, o operation) apitest.Call {
	t.Helper()
	ids := strings.NewReplacer("{card}", s.card.String(), "{entry}", s.entry.String(), "{member}", s.member.String())
	c := apitest.Call{Method: o.method, Path: ids.Replace(o.path)}
	if schemes := o.schemes(); len(schemes) > 0 {
		c.Token = s.tokens()[schemes[0]]
	}
	if o.param("header", "Idempotency-Key") != nil {
		c.Key = apitest.Key()
	}
	c.Body = s.bodyOf(t, o)
	return c
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
		return apitest.Map{"program": s.Shop.Stamps.ID, "member": s.member}
	case "createMember":
		return s.NewPerson()
	case "updateMember":
		person := s.NewPerson()
		person["clear"] = []any{"other_contacts"}
		return person
	case "searchMembers":
		person := s.NewPerson()
		delete(person, "name")
		delete(person, "language")
		return person
	case "addConsent":
		return apitest.Map{
			"purpose": "marketing_email", "state": "given", "wording": "Yes, write to me.", "wording_version": "2026-03",
			"language": "pt-BR", "source": "app",
		}
	case "mergeMembers":
		return apitest.Map{"into": s.twin}
	case "attachCard":
		return apitest.Map{"member": s.member}
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
func takesKey(o operation) bool  { return o.param("header", "Idempotency-Key") != nil }
func isGet(o operation) bool     { return o.method == http.MethodGet }

// isOf is the kind of operations under a tag.
func isOf(tag string) func(operation) bool {
	return func(o operation) bool { return slices.Contains(o.Tags, tag) }
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
	return slices.Index([]string{"redeem", "earn", "scan", "voidEntry", "detachCard", "mergeMembers", "eraseMember"}, o.OperationID)
}
