package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// site is what valid calls are made of.
type site struct {
	*apitest.API
	card       loyalty.CardID  // a full stamp card and two stamps on the next
	entry      loyalty.EntryID // the last stamp
	credential string          // a live token of the card, not used
	scan       string          // a handle of the front till, not used
	bill       string          // a handle of a discount card
	spare      loyalty.CardID  // another stamp card, to be merged into it
	paper      string          // a handle of a card that has not earned yet
	voucher    loyalty.VoucherID
	link       string            // a signed one
	program    loyalty.ProgramID // one without cards
	reward     loyalty.RewardID  // of the program
	money      loyalty.RewardID  // likewise: something off a purchase
	coffee     loyalty.RewardID  // likewise: something off chosen products
	member     loyalty.MemberID  // whose the card is
	twin       loyalty.MemberID  // another one
	claim      loyalty.ClaimID
	claimLink  string // to its picture
	code       string // of another claim, not used
	phone      string // token of the card
	device     loyalty.DeviceID
	rivals     string // token of another merchant's card
	webhook    string // its id
	event      string // what waits for it
	googlePass string // of the card: the id of its object
	picture    string // address of one
	tag        string // its id
	counter    *counter
	approval   string // what waits there
	tablet     *apitest.Tablet
	away       string // a printed code that the tablet has read
	contested  string // its id
	bought     string // the entry of a purchase on another card
	pool       *partner
	gift       string // the id of a code that was handed out
	imported   string // the id of the import that it came with
	agreement  loyalty.AgreementID
	street     apitest.Program // a coalition of the shop's
	partner    *apitest.Shop   // which honours it
	joined     apitest.Program // the rival's, to which the shop is invited
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
	s.pool = openPartner(t, a)
	s.imported = s.pool.imports(t, "first\nsecond\n").Import.String()
	s.gift = a.Post(t, s.pool.redeems(t, s.pool.rich(t, 10))).Code.ID.String()
	s.webhook = s.newWebhook(t)
	s.card = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	s.voucher = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 11).Card.Vouchers[0].ID
	s.entry = a.Stamp(t, a.Shop, a.Shop.Front, s.card, 1).Entries[0].ID
	s.bought = s.buys(t, a.NewCard(t, a.Shop, a.Shop.Points).ID).String()
	s.scan = a.Look(t, a.Shop, a.Shop.Front, s.card).Scan
	s.bill = a.Look(t, a.Shop, a.Shop.Front, a.NewCard(t, a.Shop, a.NewProgram(t, a.Shop, "restaurant")).ID).Scan
	s.spare = a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	s.paper = a.Look(t, a.Shop, a.Shop.Front, a.NewCard(t, a.Shop, a.Shop.Stamps).ID).Scan
	minted := a.Mint(t, a.Shop, s.card)
	s.credential, s.link = minted.Token, minted.QRURL
	s.street, s.joined = a.NewProgram(t, a.Shop, "coalition"), a.NewProgram(t, a.Rival, "coalition")
	s.partner = a.OpenShop(t, "Bookshop "+apitest.Key())
	a.Partner(t, a.Shop, s.street, s.partner)
	s.office = newOffices(t, a, a.Shop)
	made := apitest.Read[gen.Program](t, a.Do(t, apitest.Call{
		Path: "/v1/programs", Token: a.Shop.Admin, Body: apitest.Map{"template": "supermarket"},
	}))
	s.program, s.reward, s.money, s.coffee = made.ID, made.Rewards[0].ID, made.Rewards[2].ID, made.Rewards[3].ID
	s.agreement = a.NewAgreement(t, a.Shop, apitest.Map{"name": "Harbour Works"})
	s.member, s.twin = a.NewMember(t, a.Shop).ID, a.NewMember(t, a.Shop).ID
	a.Attach(t, a.Shop, s.card, s.member)
	claim := a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1, "pin": a.Shop.PINs.Manager})
	s.claim, s.claimLink = claim.ID, claim.QRURL
	s.code = a.Issue(t, a.Shop.Front, a.Shop.Stamps, apitest.Map{"units": 1, "pin": a.Shop.PINs.Manager}).Code
	s.phone = a.Phone(t, a.Shop, s.card).Token
	s.device = a.Phone(t, a.Shop, s.card).ID
	tag, _ := a.NewTag(t, a.Shop, s.card)
	s.tag = tag.ID.String()
	s.counter = counterOn(t, a, apitest.Map{"enabled": true})
	s.approval = s.counter.wait(t)
	s.tablet = a.NewTablet(t, a.Shop.Front)
	s.away = a.Static(t, a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID, gen.SurfacePrint)
	s.contested = a.Sync(t, s.tablet, s.tablet.Earn(t, "nothing", a.Clock.Now()))[0].Contested.String()
	s.rivals = a.Phone(t, a.Rival, a.NewCard(t, a.Rival, a.Rival.Stamps).ID).Token
	if _, err := a.Store.CollectEntries(t.Context(), a.Clock.Now(), 0); err != nil {
		t.Fatal(err)
	}
	waiting := apitest.Call{Method: http.MethodGet, Path: "/v1/webhooks/" + s.webhook + "/deliveries", Token: a.Shop.Admin}
	s.event = apitest.Read[gen.DeliveryPage](t, a.Do(t, waiting)).Deliveries[0].Event.String()
	if a.Google != nil {
		s.googlePass = a.AddToGoogle(t, a.Shop, s.card)
		hero := a.Google.Object(s.googlePass).HeroImage.SourceUri.Uri
		s.picture = hero[strings.LastIndexByte(hero, '/')+1:]
	}
	return s
}

// buys lets a card earn on a purchase of a thousand euro.
func (s *site) buys(t *testing.T, card loyalty.CardID) loyalty.EntryID {
	t.Helper()
	purchase := apitest.Map{"ref": apitest.Key(), "total": 100_000, "currency": "EUR"}
	scan := apitest.Scan(s.Shop.Front, s.Token(t, s.Shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
	return apitest.Read[gen.Scan](t, s.Do(t, scan)).Entries[0].ID
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
		"agreement": s.agreement.String(), "code": s.gift, "import": s.imported, "card": s.card.String(), "entry": s.entry.String(), "location": s.Shop.At.String(),
		"till": s.office.till.String(), "staff": s.office.staff.String(), "key": s.office.key.String(),
		"approval": s.approval, "contested": s.contested, "tag": s.tag, "picture": s.picture, "webhook": s.webhook, "event": s.event, "claim": s.claim.String(), "device": s.device.String(), "member": s.member.String(), "voucher": s.voucher.String(), "program": s.program.String(), "reward": s.reward.String(),
		"merchant": s.partner.ID.String(),
	}
}

// idsFor are the same for one operation.
func (s *site) idsFor(o operation) map[string]string {
	ids := s.ids()
	if o.OperationID == "mergeCard" {
		ids["card"] = s.spare.String()
	}
	if o.OperationID == "refundEntry" || o.OperationID == "previewRefund" {
		ids["entry"] = s.bought
	}
	if strings.HasPrefix(o.path, "/v1/rewards/{reward}/codes") {
		ids["reward"] = s.pool.reward.String()
	}
	switch o.OperationID {
	case "listPartners", "invitePartner", "endPartner", "getSettlement", "getSettlementSheet":
		ids["program"] = s.street.ID.String()
	case "acceptPartnership", "leavePartnership":
		ids["program"] = s.joined.ID.String()
	}
	return ids
}

// path is where a call of the operation goes.
func (s *site) path(o operation) string {
	path := o.path
	for name, id := range s.idsFor(o) {
		path = strings.ReplaceAll(path, "{"+name+"}", id)
	}
	return path
}

// newWebhook makes a webhook whose server takes everything.
func (s *site) newWebhook(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	return s.AddWebhook(t, s.Shop, server.URL).ID.String()
}

// call is a valid request of the operation with everything in it that the
// contract knows, under its first security scheme.
func (s *site) call(t *testing.T, o operation) apitest.Call {
	t.Helper()
	c := apitest.Call{Method: o.method, Path: s.path(o)}
	if o.OperationID == "deleteWebhook" { // the others need theirs
		c.Path = strings.Replace(c.Path, s.webhook, s.newWebhook(t), 1)
	}
	if strings.Contains(o.path, "{approval}") { // each is decided once
		c.Path = strings.Replace(c.Path, s.approval, s.counter.wait(t), 1)
	}
	if o.OperationID == "withdrawCodes" {
		c.Path = strings.Replace(c.Path, s.imported, s.pool.imports(t, apitest.Key()).Import.String(), 1)
	}
	if strings.HasSuffix(o.OperationID, "Partnership") { // perhaps it has ended
		s.Invite(t, s.Rival, s.joined, s.Shop)
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
	if o.OperationID == "getLogo" || o.OperationID == "getIcon" {
		s.upload(t, path.Base(o.path), picture(t, 96, 96))
	}
	if slices.Contains([]string{"getDraft", "deleteDraft", "publishProgram"}, o.OperationID) {
		s.draft(t)
	}
	c.Body = s.bodyOf(t, o)
	if kind := o.file(); kind != "" {
		c.Header = map[string]string{"Content-Type": kind}
	}
	return c
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
	case "setMemberTags":
		return apitest.Map{"tags": []any{"parents", "vip"}}
	case "setMemberAudience":
		a := s.NewAgreement(t, s.Shop, apitest.Map{"name": "Harbour Works"})
		s.PutRoster(t, s.Shop, a, "e-mail\nanna@harbour.example\n", false)
		return apitest.Map{"audience": "partner", "agreement": a, "work_id": "Anna@Harbour.example"}
	case "createAgreement":
		return apitest.Map{
			"name": "Harbour Works", "kind": "partner", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2028-01-01T00:00:00Z",
			"domains": []any{"harbour.example"},
		}
	case "updateAgreement":
		return apitest.Map{
			"name": "Harbour Works Ltd", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2028-01-01T00:00:00Z",
			"domains": []any{"harbour.example"}, "clear": []any{"domains"},
		}
	case "putRoster":
		return []byte("who;name\nanna@harbour.example;Anna\nA-17;Jan\n")
	case "mergeMembers":
		return apitest.Map{"into": s.twin}
	case "attachCard":
		return apitest.Map{"member": s.member}
	case "adjustCard":
		return apitest.Map{"units": 1, "note": "why"}
	case "mergeCard":
		return apitest.Map{"into": s.card}
	case "openBalance":
		return apitest.Map{"scan": s.paper, "units": 3, "pin": pin}
	case "mintToken":
		return apitest.Map{"method": "static", "surface": "print"}
	case "scan":
		earn := apitest.Map{"units": 1, "purchase": purchase()}
		return apitest.Map{"credential": s.credential, "channel": "camera", "earn": earn, "pin": pin}
	case "earn":
		return apitest.Map{"scan": s.scan, "units": 1, "purchase": purchase(), "pin": pin}
	case "grant":
		return apitest.Map{"scan": s.bill, "purchase": purchase(), "pin": pin}
	case "redeem":
		return apitest.Map{"scan": s.scan, "voucher": s.voucher, "purchase": purchase(), "pin": pin}
	case "chooseReward":
		return apitest.Map{"voucher": s.voucher}
	case "reserve":
		return apitest.Map{"scan": s.scan, "voucher": s.voucher, "release": true}
	case "hearGoogleWallet":
		return s.googleEvent(t, "save")
	case "createTag":
		return apitest.Map{"card": s.card, "uid": apitest.UID(), "label": "Blue key fob"}
	case "createDevice":
		return apitest.Map{"name": "Anna's", "kind": "web"}
	case "createClaim":
		return apitest.Map{"program": s.Shop.Stamps.ID, "units": 1, "purchase": purchase(), "pin": pin}
	case "claim":
		return apitest.Map{"code": s.code, "card": s.card}
	case "voidEntry", "approve":
		return apitest.Map{"pin": pin}
	case "invitePartner":
		return apitest.Map{"merchant": s.partner.ID}
	case "refundEntry":
		return apitest.Map{"amount": 100, "as_far_as_possible": true, "pin": pin}
	case "previewRefund":
		return apitest.Map{"amount": 100, "as_far_as_possible": true}
	case "findPurchases":
		return apitest.Map{"scan": s.scan}
	case "updateMerchant":
		return apitest.Map{"name": "Under a new name", "limits": apitest.Map{
			"card_earns_per_hour": 9000, "till_actions_per_minute": 9000, "till_actions_per_hour": 9000, "staff_actions_per_hour": 9000,
		}}
	case "revokeTill":
		return apitest.Map{"claims_since": s.Clock.Now()}
	case "createLocation", "updateLocation":
		place := apitest.Map{"latitude": 53_543_640, "longitude": 9_968_960}
		hours := []any{apitest.Map{"day": "monday", "opens": "08:30", "closes": "24:00"}}
		return apitest.Map{"name": "Am Hafen", "zone": "Europe/Berlin", "place": place, "hours": hours}
	case "setBrand":
		colors := apitest.Map{"background": "#112233", "foreground": "#999999", "label": "#999999", "accent": "#999999"}
		return apitest.Map{"name": "Aurora", "privacy_url": "https://aurora.example/privacy", "colors": colors}
	case "importCodes":
		return []byte(apitest.Key() + "\n")
	case "setLogo", "setIcon":
		return picture(t, 96, 64)
	case "lookUp":
		return apitest.Map{"phone": "0151 23456789", "region": "DE", "pin": s.Shop.PINs.Cashier}
	case "updateTill":
		return apitest.Map{
			"name": "Spare", "readers": []string{"smart_tap"}, "location": s.Shop.At, "blocked": false,
			"offline_redemptions": 3, "offline_hours": 8,
		}
	case "registerQueue":
		return apitest.Map{"public_key": s.tablet.JWK(t)}
	case "syncQueue":
		return apitest.Map{"items": []string{s.tablet.Earn(t, s.away, s.Clock.Now())}}
	case "settleContested":
		return apitest.Map{"note": "Written off"}
	case "createTill":
		return apitest.Map{"name": "Spare", "readers": []string{"smart_tap"}, "location": s.Shop.At}
	case "pairTill":
		return apitest.Map{"code": s.pairingCode(t, s.office.till)}
	case "beginShift":
		return apitest.Map{"staff": s.Shop.Staff.Manager, "pin": pin}
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
	case "createProgram":
		return apitest.Map{"template": "cafe", "name": "Corner", "draft": true}
	case "saveDraft":
		return s.draftRequest(t, pointRules())
	case "simulate":
		return apitest.Map{
			"purchase": purchase(), "at": "2026-12-24T16:30:00Z", "location": s.Shop.At, "draft": false,
			"action": "earn", "state": apitest.Map{
				"balance": 7, "lifetime": 27, "visits": 9, "earned_today": 2, "earned_this_month": 12, "spent": 20_000, "spent_in_period": 10_000,
				"tags": []any{"vip"}, "audience": "partner", "agreement": s.agreement,
			},
		}
	case "replayProgram":
		off := apitest.Map{"id": s.money, "name": "5 euro off", "cost": 250, "kind": "amount_off", "amount": 500, "currency": "EUR"} // stays
		coffee := apitest.Map{"id": s.coffee, "name": "2 euro off the coffee", "cost": 100, "kind": "amount_off", "amount": 200, "currency": "EUR"}
		rules := pointRules()
		return apitest.Map{
			"rules": with(rules, "rewards", append(rules["rewards"].([]any), off, coffee)), "from": "2026-01-01T00:00:00Z", "to": s.Clock.Now(), "top": 5, "unit_value": apitest.Map{"units": 10, "amount": 250},
		}
	case "publishProgram":
		return apitest.Map{"revision": s.draft(t).Revision}
	case "countStock":
		return apitest.Map{"remaining": 5, "expected": s.counted(t)}
	case "addStock":
		return apitest.Map{"add": 2}
	case "blockCard", "unblockCard":
		return apitest.Map{"note": "why"}
	case "reissueCard":
		return apitest.Map{"surface": "print", "note": "why", "keep_phones": false}
	case "createWebhook":
		return apitest.Map{"url": "https://example.com/stempel", "events": []string{"entry.earn"}, "description": "why"}
	case "changeWebhook":
		return apitest.Map{"url": "https://example.com/stempel", "events": []string{"entry.void"}, "description": "why", "enabled": true}
	case "rotateWebhookSecret":
		return apitest.Map{"overlap_seconds": 60}
	case "importRows":
		return apitest.Map{"program": s.Shop.Stamps.ID, "region": "DE", "dry_run": false, "rows": []any{s.movedRow()}}
	case "replayWebhook":
		return apitest.Map{"from": s.Clock.Now().Add(-time.Hour)}
	}
	if o.RequestBody != nil {
		t.Fatalf("no test knows a valid body of %s yet: add it here", o.OperationID)
	}
	return nil
}

// newPIN is one that nobody has, and that stands in no answer by chance.
func newPIN() string { return fmt.Sprintf("%012d", rand.Int64N(1_000_000_000_000)) }

// moreBodies are valid ones with what cannot stand beside the rest of bodyOf.
func (s *site) moreBodies(t *testing.T, o operation) []any {
	t.Helper()
	switch o.OperationID {
	case "createProgram":
		bodies := []any{apitest.Map{"rules": stampRules()}, apitest.Map{"rules": counterRules()}, apitest.Map{"rules": discountRules()}}
		for _, rewards := range worthRewards() {
			rules := pointRules()
			rules["rewards"] = rewards
			delete(rules, "coalition") // which shares neither gift cards nor codes
			bodies = append(bodies, apitest.Map{"rules": rules})
		}
		only := pointRules()
		limits := apitest.Map{"audiences": []any{"customer"}, "agreements": []any{s.agreement}, "tags": []any{"vip"}}
		only["only"], only["rewards"].([]any)[0].(apitest.Map)["only"] = limits, limits
		bodies = append(bodies, apitest.Map{"rules": only})
		for i := range bonuses() {
			rules := pointRules()
			rules["earn"].(apitest.Map)["bonuses"] = bonuses()[i:]
			bodies = append(bodies, apitest.Map{"rules": rules})
		}
		return bodies
	case "lookUp":
		return []any{
			apitest.Map{"email": "anna@mail.example", "pin": s.Shop.PINs.Cashier},
			apitest.Map{"card_number": s.card.String(), "pin": s.Shop.PINs.Cashier},
		}
	case "redeem":
		return []any{apitest.Map{"scan": s.scan, "reward": s.reward, "amount": 5}}
	case "chooseReward":
		return []any{apitest.Map{"reward": s.reward, "amount": 5}}
	case "createTag":
		return []any{
			apitest.Map{"kind": "counter", "location": s.Shop.At, "program": s.Shop.Stamps.ID, "uid": apitest.UID()},
			apitest.Map{"kind": "card", "card": s.card, "uid": apitest.UID()},
		}
	case "revokeTill":
		return []any{apitest.Map{"keep_claims": true}}
	case "refundEntry":
		return []any{apitest.Map{"lines": []any{1}, "pin": s.Shop.PINs.Cashier}}
	case "previewRefund":
		return []any{apitest.Map{"lines": []any{1}}}
	case "findPurchases":
		return []any{apitest.Map{"ref": "0042", "pin": s.Shop.PINs.Cashier}}
	case "simulate":
		card := s.NewCard(t, s.Shop, apitest.Program{ID: s.program})
		return []any{
			apitest.Map{"units": 1, "card": card.ID},
			apitest.Map{"units": 1, "local_time": "2026-12-24T16:30", "state": apitest.Map{"tier": "Silver"}},
		}
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

// long skips with -short what asks one server one thing after the other, very often:
// the race detector has nothing to see there, and takes ten times as long.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN with -short: one request after the other")
	}
}

// Kinds of operations.
func whatever(operation) bool       { return true }
func guarded(o operation) bool      { return len(o.schemes()) > 0 }
func forTills(o operation) bool     { return slices.Contains(o.schemes(), "till") }
func takesBody(o operation) bool    { return o.body() != nil }
func needsBody(o operation) bool    { return o.body() != nil && o.RequestBody.Value.Required }
func forPhones(o operation) bool    { return slices.Contains(o.schemes(), "card") }
func takesPicture(o operation) bool { return o.file() == "image/png" }
func takesKey(o operation) bool     { return o.param("header", "Idempotency-Key") != nil }
func posts(o operation) bool        { return slices.Contains(posting, o.OperationID) }
func isGet(o operation) bool        { return o.method == http.MethodGet }

// givesSecret reports whether an operation's answer is never repeated. Those of
// members are, unless the key that seals them was retired.
func givesSecret(o operation) bool {
	return slices.Contains(o.problems(), "answer_not_repeatable") && !slices.Contains(o.Tags, "Members")
}

// posting are the operations that add an entry or a card to the ledger.
var posting = []string{"createCard", "adjustCard", "scan", "earn", "redeem", "grant", "voidEntry", "refundEntry", "openBalance", "mergeCard", "claim", "importRows", "approve"}

// added is how much a call of the operation adds to the ledger.
func added(o operation) int {
	switch {
	case !posts(o):
		return 0
	case o.OperationID == "mergeCard", o.OperationID == "importRows": // an entry on each card, or with a card
		return 2
	}
	return 1
}

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
	return slices.Index([]string{
		"withdrawClaim", "grant", "reserve", "redeem", "earn", "scan", "refundEntry", "voidEntry", "deleteDraft", "publishProgram", "archiveProgram", "restoreProgram",
		"mergeCard", "reissueCard", "blockCard", "unblockCard", "detachCard", "mergeMembers", "eraseMember", "dismissStaff", "revokeTag", "revokeTill", "revokeAPIKey",
	}, o.OperationID)
}
