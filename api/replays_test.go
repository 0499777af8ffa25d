package api_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/api"
	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

func replay(t *testing.T, a *apitest.API, program loyalty.ProgramID, body apitest.Map) gen.WhatIf {
	t.Helper()
	return apitest.Read[gen.WhatIf](t, a.Do(t, replayCall(a, program, body)))
}

func replayCall(a *apitest.API, program loyalty.ProgramID, body apitest.Map) apitest.Call {
	c := apitest.Call{Path: "/v1/programs/" + program.String() + "/replays", Token: a.Shop.Admin}
	if body != nil {
		c.Body = body
	}
	return c
}

func rulesAs(t *testing.T, a *apitest.API, program loyalty.ProgramID) apitest.Map {
	t.Helper()
	versions := apitest.Read[map[string]any](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + program.String() + "/versions", Token: a.Shop.Admin}))
	return versions["versions"].([]any)[0].(map[string]any)["rules"].(map[string]any)
}

// An ice-cream parlour asks what two stamps in place of one would have cost since
// spring: Anna came twelve times, and had her cone; Berta came twice, one visit of
// which was taken back.
func TestDoubleStampsWouldHaveCost(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"rules": apitest.Map{
		"name": "Ice cream", "kind": "stamps", "earn": apitest.Map{"by": "visit", "per_visit": 1}, "card_size": 10,
		"card_reward": "A cone", "rewards": []any{apitest.Map{"name": "A cone"}},
	}})
	anna, berta := a.NewCard(t, a.Shop, program), a.NewCard(t, a.Shop, program)
	for range 12 {
		a.Do(t, earnOn(t, a, anna.ID, apitest.Map{}))
		a.Clock.Advance(24 * time.Hour)
	}
	rules := rulesAs(t, a, program.ID)
	cone := rules["card_reward"]
	a.Post(t, apitest.Redeem(a.Shop.Front, a.Look(t, a.Shop, a.Shop.Front, anna.ID).Scan, apitest.Map{"reward": cone}))
	a.Do(t, earnOn(t, a, berta.ID, apitest.Map{}))
	a.Clock.Advance(time.Minute)
	undone := apitest.Read[gen.Posting](t, a.Do(t, earnOn(t, a, berta.ID, apitest.Map{})))
	a.Post(t, apitest.Void(a.Shop.Front, undone.Entries[0].ID, nil))

	rules["earn"].(map[string]any)["per_visit"] = 2
	got := replay(t, a, program.ID, apitest.Map{"rules": rules, "unit_value": apitest.Map{"units": 10, "amount": 250}})
	if !got.Complete || got.Cards != 2 || got.Entries != 17 || got.Ledger.Cards != 0 || len(got.Kept) != 0 || got.Version != 1 {
		t.Errorf("%+v", got)
	}
	before, after := got.Before, got.After
	if before.Earns != 14 || before.Issued != 13 || before.Outstanding != 3 || *before.Liability != 75 || before.Rewards[0].Issued != 1 || before.Rewards[0].Redeemed != 1 {
		t.Errorf("before %+v", before)
	}
	if after.Earns != 14 || after.Issued != 26 || after.Outstanding != 6 || *after.Liability != 150 || after.Rewards[0].Issued != 2 || after.Rewards[0].Live != 1 || len(after.Refused) != 0 {
		t.Errorf("after %+v", after)
	}
	if got.Better != 2 || len(got.Winners) != 2 || got.Winners[0] != (gen.WhatIfCard{Card: anna.ID, Before: 12, After: 24}) || len(got.Losers) != 0 {
		t.Errorf("winners %+v, losers %+v", got.Winners, got.Losers)
	}

	// Since the day when Anna had ten, it is three visits and the one that was taken back.
	got = replay(t, a, program.ID, apitest.Map{"rules": rules, "from": a.Clock.Now().Add(-60 * time.Hour).Format(time.RFC3339Nano), "top": 1})
	if got.Before.Earns != 4 || got.Before.Issued != 3 || got.After.Issued != 6 || len(got.Winners) != 1 || got.Winners[0].After != 14 {
		t.Errorf("since a while ago: %+v", got)
	}

	// The draft, by which nobody gets a second cone: it holds for the redemption, too.
	rules["earn"].(map[string]any)["per_visit"], rules["card_size"] = 1, 50
	a.Do(t, apitest.Call{Method: http.MethodPut, Path: "/v1/programs/" + program.ID.String() + "/draft", Token: a.Shop.Admin, Body: apitest.Map{"based_on": 1, "rules": rules}})
	got = replay(t, a, program.ID, nil)
	want := gen.WhatIfRefused{Kind: gen.EntryKindRedeem, Code: gen.ProblemCodeVoucherNotFound, Entries: 1}
	if len(got.After.Refused) != 1 || got.After.Refused[0] != want || got.After.Outstanding != 13 {
		t.Errorf("after %+v", got.After)
	}
	if !slices.ContainsFunc(got.Histogram, func(c gen.WhatIfClass) bool { return c.From != nil && *c.From == 0 && c.Cards == 2 }) {
		t.Errorf("histogram %+v", got.Histogram)
	}
}

// A restaurant asks what one lower step in place of two would have cost: Anna spent much
// and loses, Berta gains on the one bill that stands, and Carla never came.
func TestOtherDiscountsWouldHaveCost(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	steps := func(list ...any) apitest.Map {
		return apitest.Map{
			"name": "Restaurant", "kind": "discount", "discount": apitest.Map{"over": "lifetime", "currency": "EUR", "rounding": "down", "steps": list},
		}
	}
	program := newProgram(t, a, apitest.Map{"rules": steps(apitest.Map{"from": 0, "rate": 500}, apitest.Map{"from": 10_000, "rate": 1000})})
	anna, berta := a.NewCard(t, a.Shop, program), a.NewCard(t, a.Shop, program)
	a.NewCard(t, a.Shop, program)
	eats := func(card loyalty.CardID, total int64) loyalty.EntryID {
		a.Clock.Advance(time.Hour)
		scan := a.Look(t, a.Shop, a.Shop.Front, card).Scan
		return a.Post(t, apitest.Grant(a.Shop.Front, scan, apitest.Key(), total, nil)).Entries[0].ID
	}
	eats(anna.ID, 10_000) // 5 %: 500 off
	eats(anna.ID, 20_000) // still 5 %, as 95 euro were spent: 1000 off
	eats(anna.ID, 10_000) // 10 %: 1000 off
	eats(berta.ID, 4000)  // 5 %: 200 off
	a.Post(t, apitest.Void(a.Shop.Front, eats(berta.ID, 9999), nil))

	other := steps(apitest.Map{"from": 0, "rate": 600}, apitest.Map{"from": 50_000, "rate": 1000})
	got := replay(t, a, program.ID, apitest.Map{"rules": other, "unit_value": apitest.Map{"units": 1, "amount": 1}})
	if !got.Complete || got.Note != "" || got.Cards != 3 || got.Entries != 6 || got.Ledger.Cards != 0 || len(got.Kept) != 0 {
		t.Errorf("%+v", got)
	}
	if got.Before.Discount != 2700 || got.After.Discount != 600+1200+600+240 || len(got.After.Refused) != 0 {
		t.Errorf("taken off before %d, after %d", got.Before.Discount, got.After.Discount)
	}
	if *got.Before.Liability != 0 || *got.After.Liability != 0 || got.After.Outstanding != 0 {
		t.Errorf("a discount card owes nobody anything: %+v", got.After)
	}
	if got.Better != 1 || got.Worse != 1 || got.Same != 1 || len(got.Winners) != 1 || len(got.Losers) != 1 ||
		got.Winners[0] != (gen.WhatIfCard{Card: berta.ID, Before: 200, After: 240}) || got.Losers[0] != (gen.WhatIfCard{Card: anna.ID, Before: 2500, After: 2400}) {
		t.Errorf("winners %+v, losers %+v", got.Winners, got.Losers)
	}
}

// A larger stamp card takes away who has had a full one: the voucher stays, and the two
// stamps that came after it went into it.
func TestLargerCardsWouldHaveCost(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"rules": apitest.Map{
		"name": "Ice cream", "kind": "stamps", "earn": apitest.Map{"by": "units"}, "card_size": 10,
		"card_reward": "A cone", "rewards": []any{apitest.Map{"name": "A cone"}},
	}})
	anna, berta := a.NewCard(t, a.Shop, program), a.NewCard(t, a.Shop, program)
	a.Do(t, earnOn(t, a, anna.ID, apitest.Map{"units": 12}))
	a.Do(t, earnOn(t, a, berta.ID, apitest.Map{"units": 3}))
	rules := rulesAs(t, a, program.ID)
	rules["card_size"] = 12
	got := replay(t, a, program.ID, apitest.Map{"rules": rules, "unit_value": apitest.Map{"units": 10, "amount": 250}})
	before, after := got.Before, got.After
	if before.Outstanding != 5 || *before.Liability != 125 || before.Rewards[0].Live != 1 || after.Outstanding != 3 || *after.Liability != 75 || after.Rewards[0].Live != 1 {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if got.Worse != 1 || got.Same != 1 || got.Losers[0] != (gen.WhatIfCard{Card: anna.ID, Before: 12, After: 10}) {
		t.Errorf("losers %+v of %d", got.Losers, got.Worse)
	}
}

func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	program := newProgram(t, a, apitest.Map{"template": "supermarket"})
	a.Refused(t, replayCall(a, program.ID, nil), gen.ProblemCodeDraftNotFound)
	a.Refused(t, replayCall(a, loyalty.NewID(), nil), gen.ProblemCodeProgramNotFound)
	later, now := a.Clock.Now().Add(time.Hour).Format(time.RFC3339), a.Clock.Now().Format(time.RFC3339)
	currency := rulesAs(t, a, program.ID)
	currency["earn"].(map[string]any)["currency"] = "PLN"
	for _, reward := range currency["rewards"].([]any)[2:4] { // what takes euro off
		reward.(map[string]any)["currency"] = "PLN"
	}
	for field, body := range map[string]apitest.Map{
		"to":                  {"rules": rulesAs(t, a, program.ID), "to": later},
		"from":                {"rules": rulesAs(t, a, program.ID), "to": now, "from": later},
		"top":                 {"rules": rulesAs(t, a, program.ID), "top": 101},
		"unit_value.units":    {"rules": rulesAs(t, a, program.ID), "unit_value": apitest.Map{"units": 0, "amount": 1}},
		"unit_value.amount":   {"rules": rulesAs(t, a, program.ID), "unit_value": apitest.Map{"units": 1, "amount": -1}},
		"rules.kind":          {"rules": stampRules()},
		"rules.earn.currency": {"rules": currency},
	} {
		if got := a.Refused(t, replayCall(a, program.ID, body), gen.ProblemCodeInvalidField); got.Field != field {
			t.Errorf("%s: named %s: %s", field, got.Field, got.Detail)
		}
	}
}

// lingering is a store whose replays and settlements of a program wait inside until
// they are let go.
type lingering struct {
	api.Store
	inside, let chan struct{}
	program     *loyalty.ProgramID
}

func (l lingering) wait(program loyalty.ProgramID) {
	if program == *l.program {
		l.inside <- struct{}{}
		<-l.let
	}
}

func (l lingering) Histories(ctx context.Context, p loyalty.ProgramID, after loyalty.CardID, limit int, f func(*loyalty.History, loyalty.Find) error) (loyalty.CardID, int, error) {
	l.wait(p)
	return l.Store.Histories(ctx, p, after, limit, f)
}

func (l lingering) Settlement(ctx context.Context, p loyalty.ProgramID, from, to time.Time) ([]loyalty.Turnover, map[int32]loyalty.Rules, error) {
	l.wait(p)
	return l.Store.Settlement(ctx, p, from, to)
}

// A merchant's replays wait for its own alone.
func TestReplaysTakeTurns(t *testing.T) {
	t.Parallel()
	l := lingering{inside: make(chan struct{}), let: make(chan struct{}), program: new(loyalty.ProgramID)}
	a := apitest.Boot(t, func(s *apitest.Setup) {
		s.Wrap = func(store api.Store) api.Store { l.Store = store; return l }
	})
	asks := func(shop *apitest.Shop) apitest.Call {
		p := shop.Points.ID.String()
		versions := apitest.Read[map[string]any](t, a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/programs/" + p + "/versions", Token: shop.Admin}))
		rules := versions["versions"].([]any)[0].(map[string]any)["rules"]
		return apitest.Call{Path: "/v1/programs/" + p + "/replays", Token: shop.Admin, Body: apitest.Map{"rules": rules}}
	}
	own, other := asks(a.Shop), asks(a.Rival)
	*l.program = a.Shop.Points.ID
	oneAtATime(t, a, l, own, other)
}

// oneAtATime holds that while a call lingers in the store, another one of the same
// merchant is told to wait, and another merchant's is answered.
func oneAtATime(t *testing.T, a *apitest.API, l lingering, own, other apitest.Call) {
	t.Helper()
	var asking sync.WaitGroup
	asking.Go(func() {
		if first := a.Do(t, own); first.Status != http.StatusOK {
			t.Errorf("the first: %d %s", first.Status, first.Body)
		}
	})
	<-l.inside
	if answer := a.Do(t, own); answer.Problem().Code != gen.ProblemCodeRateLimited || answer.Header.Get("Retry-After") == "" {
		t.Errorf("beside it: %d %s", answer.Status, answer.Body)
	}
	if answer := a.Do(t, other); answer.Status != http.StatusOK {
		t.Errorf("another merchant: %d %s", answer.Status, answer.Body)
	}
	close(l.let)
	asking.Wait()
}
