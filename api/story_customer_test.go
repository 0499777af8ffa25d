package api_test

import (
	"fmt"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// The stories of the templates, in files of their own: each takes a template as it
// is, goes through the public API as tills and the office do, and lets years pass.

// customer is somebody with a card of a program made from a template.
type customer struct {
	*apitest.API
	program  apitest.Program
	card     loyalty.CardID
	zone     *time.Location // of the shop; of another till's while the customer is there
	receipts int
}

func newCustomer(t *testing.T, template string) *customer {
	t.Helper()
	a := apitest.Boot(t)
	c := &customer{API: a, program: a.NewProgram(t, a.Shop, template), zone: a.Shop.Front.Zone}
	c.card = a.NewCard(t, a.Shop, c.program).ID
	return c
}

// newHolder is a customer whom the shop knows, as a program wants that is not for
// everybody: tell says of the member what the program asks about.
func newHolder(t *testing.T, template string, tell func(*apitest.API, loyalty.MemberID)) (*customer, loyalty.MemberID) {
	t.Helper()
	a := apitest.Boot(t)
	c := &customer{API: a, program: a.NewProgram(t, a.Shop, template), zone: a.Shop.Front.Zone}
	member := a.NewMember(t, a.Shop).ID
	tell(a, member)
	c.card = apitest.Read[gen.Card](t, a.Do(t, apitest.Enrol(a.Shop, c.program, member))).ID
	return c, member
}

// opens opens another shop of the merchant's, with a till.
func (c *customer) opens(t *testing.T, name, zone string) apitest.Till {
	t.Helper()
	admin := c.Shop.Admin
	at := apitest.Read[gen.Location](t, c.Do(t, post(admin, "/v1/locations", apitest.Map{"name": name, "zone": zone})))
	till := apitest.Read[gen.Till](t, c.Do(t, post(admin, "/v1/tills", apitest.Map{"name": name, "location": at.ID})))
	pairing := apitest.Call{Path: "/v1/pairings", For: c.Shop, Body: apitest.Map{"code": till.Pairing.Code}}
	paired := apitest.Read[gen.PairedTill](t, c.Do(t, pairing))
	c.Shop.Trust(paired.Token)
	return apitest.Till{
		Till:  loyalty.Till{ID: till.ID, Merchant: c.Shop.ID, Location: at.ID, Name: name, Zone: loyaltytest.Zone(t, zone)},
		Token: paired.Token,
	}
}

// until lets time pass to a moment by the clock on the wall.
func (c *customer) until(t *testing.T, wall string) {
	t.Helper()
	at := c.moment(t, wall)
	if at.Before(c.Clock.Now()) {
		t.Fatalf("%s does not come any more", wall)
	}
	c.Clock.Advance(at.Sub(c.Clock.Now()))
}

// moment is one by the clock on the wall; a date alone is its midnight.
func (c *customer) moment(t *testing.T, wall string) time.Time {
	t.Helper()
	if len(wall) == len(time.DateOnly) {
		wall += " 00:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", wall, c.zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// earns shows the card at the front till, which credits it at once: earn is what
// the till sends beside the credential.
func (c *customer) earns(t *testing.T, earn apitest.Map) gen.Scan {
	t.Helper()
	return c.earnsAt(t, c.Shop.Front, earn)
}

func (c *customer) earnsAt(t *testing.T, till apitest.Till, earn apitest.Map) gen.Scan {
	t.Helper()
	return apitest.Read[gen.Scan](t, c.Do(t, c.earning(t, till, earn)))
}

// earning is the till's request.
func (c *customer) earning(t *testing.T, till apitest.Till, earn apitest.Map) apitest.Call {
	t.Helper()
	return apitest.Scan(till, c.Token(t, c.Shop, c.card), apitest.Map{"earn": earn})
}

// basket is a purchase of these lines, under a fresh receipt.
func (c *customer) basket(lines ...apitest.Map) apitest.Map {
	c.receipts++
	total := int64(0)
	for _, line := range lines {
		total += line["amount"].(int64)
	}
	return apitest.Map{"purchase": apitest.Map{"ref": fmt.Sprint("receipt ", c.receipts), "total": total, "currency": "EUR", "items": lines}}
}

// piece is a line of a purchase.
func piece(category string, amount int64) apitest.Map {
	return apitest.Map{"sku": category + " 1", "category": category, "quantity": 1000, "unit": "piece", "amount": amount}
}

// litres are thousandths of one from a pump.
func litres(category string, thousandths, amount int64) apitest.Map {
	return apitest.Map{"sku": category, "category": category, "quantity": thousandths, "unit": "litre", "amount": amount}
}

// has is the customer's card as the office sees it.
func (c *customer) has(t *testing.T) gen.Card {
	t.Helper()
	return c.GetCard(t, c.Shop, c.card)
}

// redeeming is the till's request for a reward on a fresh scan.
func (c *customer) redeeming(t *testing.T, reward int) apitest.Call {
	t.Helper()
	return apitest.Redeem(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan, apitest.Map{"reward": c.program.Rewards[reward]})
}

// redeems has a reward of the program.
func (c *customer) redeems(t *testing.T, reward int) gen.Posting {
	t.Helper()
	return c.Post(t, c.redeeming(t, reward))
}

// takesOff has a reward of the program taken off a purchase of so many cents.
func (c *customer) takesOff(t *testing.T, reward int, cents int64) gen.Posting {
	t.Helper()
	c.receipts++
	call := c.redeeming(t, reward)
	call.Body.(apitest.Map)["purchase"] = bought(fmt.Sprint("receipt ", c.receipts), cents)
	return c.Post(t, call)
}

// granting is the till's request for the card's discount on a basket.
func (c *customer) granting(t *testing.T, basket apitest.Map) apitest.Call {
	t.Helper()
	return apitest.Grant(c.Shop.Front, c.Look(t, c.Shop, c.Shop.Front, c.card).Scan, "", 0, basket)
}

// comesBack is a refund at the front till under a cashier's PIN: of a part, or of all
// that is left.
func (c *customer) comesBack(t *testing.T, entry loyalty.EntryID, part apitest.Map) gen.Posting {
	t.Helper()
	return c.Post(t, refund(c.Shop.Front.Token, entry, with(part, "pin", c.Shop.PINs.Cashier)))
}

// pool imports codes of a partner for the first reward of the program.
func (c *customer) pool(t *testing.T, codes string) {
	t.Helper()
	c.Do(t, apitest.Call{
		Path: "/v1/rewards/" + c.program.Rewards[0].String() + "/codes", Token: c.Shop.Admin, Key: apitest.Key(),
		Body: []byte(codes), Header: map[string]string{"Content-Type": "text/csv"},
	})
}

// voided is an entry taken back under the manager's PIN.
func (c *customer) voided(t *testing.T, entry loyalty.EntryID) gen.Posting {
	t.Helper()
	return c.Post(t, apitest.Void(c.Shop.Front, entry, apitest.Map{"pin": c.Shop.PINs.Manager}))
}

// refund is a till's request to refund a part of a purchase.
func refund(token string, entry loyalty.EntryID, body apitest.Map) apitest.Call {
	return apitest.Call{Path: "/v1/entries/" + entry.String() + "/refund", Token: token, Key: apitest.Key(), Body: body}
}

// kinds are those of entries, in their order.
func kinds(entries []gen.Entry) (all []gen.EntryKind) {
	for _, e := range entries {
		all = append(all, e.Kind)
	}
	return all
}
