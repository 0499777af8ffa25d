package api_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// limit sets a merchant's limits.
func limit(t *testing.T, a *apitest.API, limits apitest.Map) {
	t.Helper()
	if answer := a.Do(t, office(a.Shop, "PATCH", "/v1/merchant", apitest.Map{"limits": limits})); answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
}

// The third stamp within an hour waits, or a manager lifts the limit, and the entry
// and the report say so. What was refused did not make anybody wait longer.
func TestACardEarnsSoOftenAnHour(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	limit(t, a, apitest.Map{"card_earns_per_hour": 2})
	began := a.Clock.Now()
	earn := func(pin string) apitest.Call {
		return apitest.Scan(shop.Front, a.Token(t, shop, card), with(apitest.Units(1), "pin", pin))
	}
	plain := func() apitest.Call { return apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Units(1)) }
	a.Do(t, apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"units": 0}})) // refused
	first := plain()
	a.Do(t, first)
	a.Clock.Advance(10 * time.Minute)
	if second := a.Do(t, plain()); second.Status != 200 {
		t.Fatalf("%d %s", second.Status, second.Body)
	}
	for range 3 {
		p := a.Refused(t, plain(), gen.ProblemCodeLimitReached)
		if p.Needs != gen.RoleManager || !p.RetryAt.Equal(began.Add(time.Hour)) {
			t.Errorf("needs %q and goes on at %v, want an hour after the first stamp", p.Needs, p.RetryAt)
		}
	}
	a.Refused(t, earn(shop.PINs.Cashier), gen.ProblemCodeLimitReached)

	lifted := apitest.Read[gen.Scan](t, a.Do(t, earn(shop.PINs.Manager))).Entries[0]
	if lifted.Staff != shop.Staff.Manager || !slices.Equal(lifted.Lifted, []gen.LiftedLimit{gen.LiftedLimitCardEarnsPerHour}) {
		t.Errorf("the entry says %v, lifted by %v", lifted.Lifted, lifted.Staff)
	}
	report := apitest.Read[gen.StaffReport](t, a.Do(t, office(shop, "GET", "/v1/reports/staff?to=2199-01-01T00:00:00Z&from=2026-01-01T00:00:00Z", nil)))
	for _, who := range report.People {
		if want := int64(0); who.Staff == shop.Staff.Manager {
			if want = 1; who.Overrides != want {
				t.Errorf("the manager: %+v", who)
			}
		} else if who.Overrides != want {
			t.Errorf("somebody else: %+v", who)
		}
	}

	if again := a.Do(t, first); again.Status != 200 || again.Header.Get("Idempotent-Replayed") == "" {
		t.Errorf("a retry of the first: %d %s", again.Status, again.Body)
	}
	a.Clock.Advance(70 * time.Minute)
	for range 2 { // the retry, whose time has passed, counts once more, and that is all
		a.Do(t, plain())
	}
	if again := a.Do(t, first); again.Status != 200 || again.Header.Get("Idempotent-Replayed") == "" {
		t.Errorf("a late retry: %d %s", again.Status, again.Body)
	}
	limit(t, a, apitest.Map{})
	if free := a.Do(t, plain()); free.Status != 200 {
		t.Errorf("without limits: %d %s", free.Status, free.Body)
	}
}

// Many at once: as many pass as may.
func TestATillActsSoOftenAMinute(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	limit(t, a, apitest.Map{"till_actions_per_minute": 5, "till_actions_per_hour": 6})
	calls := make([]apitest.Call, 20)
	for i := range calls {
		calls[i] = apitest.Scan(shop.Front, a.Token(t, shop, a.NewCard(t, shop, shop.Stamps).ID), apitest.Units(1))
	}
	var passed atomic.Int32
	var group sync.WaitGroup
	for _, call := range calls {
		group.Go(func() {
			switch answer := a.Do(t, call); answer.Status {
			case 200:
				passed.Add(1)
			case 409:
			default:
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		})
	}
	group.Wait()
	if passed.Load() != 5 {
		t.Errorf("%d passed, want 5", passed.Load())
	}
	a.Stamp(t, shop, shop.Back, a.NewCard(t, shop, shop.Stamps).ID, 1) // another till
	next := func() apitest.Call {
		return apitest.Scan(shop.Front, a.Token(t, shop, a.NewCard(t, shop, shop.Stamps).ID), apitest.Units(1))
	}
	a.Clock.Advance(time.Minute)
	if sixth := a.Do(t, next()); sixth.Status != 200 {
		t.Fatalf("%d %s", sixth.Status, sixth.Body)
	}
	a.Refused(t, next(), gen.ProblemCodeLimitReached) // by the hour
}

// A till's token does not make a limit forget a stamp by asking again for it, with its
// key, for another card.
func TestAKeyUsedAgainFreesNothing(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	limit(t, a, apitest.Map{"card_earns_per_hour": 50, "till_actions_per_hour": 1})
	stamp := func() apitest.Call {
		return apitest.Scan(shop.Front, a.Token(t, shop, a.NewCard(t, shop, shop.Stamps).ID), apitest.Units(1))
	}
	first := stamp()
	if answer := a.Do(t, first); answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	for range 3 {
		other := stamp()
		other.Key = first.Key
		a.Refused(t, other, gen.ProblemCodeIdempotencyKeyReused)
		a.Refused(t, stamp(), gen.ProblemCodeLimitReached)
	}
}

// A cashier's own limit follows the cashier from till to till, and nobody else.
func TestStaffActSoOftenAnHour(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, full(t, a)
	limit(t, a, apitest.Map{"staff_actions_per_hour": 2})
	earn := func(till apitest.Till, pin string) apitest.Call {
		body := apitest.Units(1)
		if pin != "" {
			body["pin"] = pin
		}
		return apitest.Scan(till, a.Token(t, shop, card.ID), body)
	}
	a.Do(t, earn(shop.Front, shop.PINs.Cashier))
	scan := a.Look(t, shop, shop.Back, card.ID)
	a.Post(t, apitest.Redeem(shop.Back, scan.Scan, apitest.Map{"voucher": card.Vouchers[0].ID, "pin": shop.PINs.Cashier}))
	a.Refused(t, earn(shop.Front, shop.PINs.Cashier), gen.ProblemCodeLimitReached)
	for _, pin := range []string{"", shop.PINs.Manager} {
		if answer := a.Do(t, earn(shop.Front, pin)); answer.Status != 200 {
			t.Errorf("%d %s", answer.Status, answer.Body)
		}
	}
}

func TestLimitsAreSetAndShown(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	limit(t, a, apitest.Map{"card_earns_per_hour": 3, "staff_actions_per_hour": 200})
	if m := apitest.Read[gen.Merchant](t, a.Do(t, office(a.Shop, "PATCH", "/v1/merchant", apitest.Map{"name": "Aurora"}))); m.Limits == nil ||
		*m.Limits != (gen.Limits{CardEarnsPerHour: 3, StaffActionsPerHour: 200}) {
		t.Errorf("after a new name: %+v", m.Limits)
	}
	p := a.Refused(t, office(a.Shop, "PATCH", "/v1/merchant", apitest.Map{"limits": apitest.Map{"till_actions_per_hour": 10_001}}), gen.ProblemCodeInvalidField)
	if p.Field != "limits.till_actions_per_hour" {
		t.Errorf("field %q", p.Field)
	}
	a.Refused(t, office(a.Shop, "PATCH", "/v1/merchant", apitest.Map{}), gen.ProblemCodeMissingField)
	limit(t, a, apitest.Map{})
	if m := apitest.Read[gen.Merchant](t, a.Do(t, office(a.Shop, "GET", "/v1/merchant", nil))); m.Limits != nil {
		t.Errorf("lifted, and still %+v", m.Limits)
	}
}

// A till that somebody wonders about does nothing until it may again, and needs no
// new pairing for that.
func TestABlockedTill(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	earned := a.Stamp(t, shop, shop.Front, card, 1).Entries[0]
	open := a.Look(t, shop, shop.Front, card)
	tablet := a.NewTablet(t, shop.Front)
	kept := tablet.Earn(t, a.Token(t, shop, card), a.Clock.Now())
	block := func(blocked bool) gen.Till {
		return apitest.Read[gen.Till](t, a.Do(t, office(shop, "PATCH", "/v1/tills/"+shop.Front.ID.String(), apitest.Map{"blocked": blocked})))
	}
	if till := block(true); till.State != gen.TillStateBlocked || till.BlockedAt.IsZero() {
		t.Errorf("blocked: %+v", till)
	}
	for name, call := range map[string]apitest.Call{
		"look":  apitest.Scan(shop.Front, a.Token(t, shop, card), nil),
		"scan":  apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Units(1)),
		"earn":  apitest.Earn(shop.Front, open.Scan, apitest.Map{"units": 1}),
		"PIN":   apitest.Earn(shop.Front, open.Scan, apitest.Map{"units": 1, "pin": shop.PINs.Manager}),
		"void":  apitest.Void(shop.Front, earned.ID, nil),
		"sync":  {Path: "/v1/till/sync", Token: shop.Front.Token, Body: apitest.Map{"items": []string{kept}}},
		"lease": {Path: "/v1/till/leases", Token: shop.Front.Token},
		"list":  {Method: "GET", Path: "/v1/till/approvals", Token: shop.Front.Token},
		"find":  lookUp(shop.Front, apitest.Map{"card_number": card, "pin": shop.PINs.Cashier}),
	} {
		t.Run(name, func(t *testing.T) { a.Refused(t, call, gen.ProblemCodeTillBlocked) })
	}
	a.Stamp(t, shop, shop.Back, card, 1)
	if till := block(false); till.State != gen.TillStatePaired || !till.BlockedAt.IsZero() {
		t.Errorf("unblocked: %+v", till)
	}
	a.Post(t, apitest.Earn(shop.Front, open.Scan, apitest.Map{"units": 1}))
	wantState(t, a.Sync(t, tablet, kept)[0], gen.SyncStatePosted, "")
}
