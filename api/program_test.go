package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A café card begins with a stamp, has a cookie on the way, waits between stamps
// and gives no more than eight a day.
func TestCooldownAndDailyCap(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Cafe)
	if card.Balance != 1 || card.Progress.Missing != 4 || card.Progress.Reward != shop.Cafe.Rewards[1] {
		t.Fatalf("a new card: %+v", card)
	}
	stamped := a.Stamp(t, shop, shop.Front, card.ID, 4)
	if len(stamped.Card.Vouchers) != 1 || stamped.Card.Vouchers[0].Reward != shop.Cafe.Rewards[1] {
		t.Fatalf("at five stamps: %+v", stamped.Card)
	}

	early := a.Do(t, apitest.Scan(shop.Back, a.Token(t, shop, card.ID), apitest.Units(1)))
	if p := early.Problem(); p.Code != gen.ProblemCodeCooldownActive || !p.RetryAt.Equal(a.Clock.Now().Add(10*time.Minute)) ||
		early.Header.Get("Retry-After") != "600" {
		t.Errorf("too early: %s, Retry-After %q", early.Body, early.Header.Get("Retry-After"))
	}
	a.Clock.Advance(10 * time.Minute)
	capped := a.Do(t, apitest.Scan(shop.Front, a.Token(t, shop, card.ID), apitest.Units(5)))
	midnight := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC) // in Berlin
	if p := capped.Problem(); p.Code != gen.ProblemCodeDailyCapReached || !p.RetryAt.Equal(midnight) {
		t.Errorf("too many: %s", capped.Body)
	}
	a.Stamp(t, shop, shop.Front, card.ID, 4)
	a.Clock.Advance(midnight.Sub(a.Clock.Now()) - time.Second)
	a.Refused(t, apitest.Scan(shop.Front, a.Token(t, shop, card.ID), apitest.Units(1)), gen.ProblemCodeDailyCapReached)
	a.Clock.Advance(time.Second)
	filled := a.Stamp(t, shop, shop.Front, card.ID, 1)
	if filled.Card.Balance != 0 || filled.Card.Cycle != 1 || len(filled.Card.Vouchers) != 2 {
		t.Errorf("filled: %+v", filled.Card)
	}
}

func bought(ref string, cents int64) apitest.Map {
	return apitest.Map{"ref": ref, "total": cents, "currency": "EUR"}
}

// Points by spend: a purchase counts once in its shop, and again when its entry
// was taken back.
func TestPurchasesCountOnce(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card, other := a.NewCard(t, shop, shop.Points).ID, a.NewCard(t, shop, shop.Points).ID
	buy := func(till apitest.Till, card loyalty.CardID, purchase apitest.Map) apitest.Call {
		return apitest.Scan(till, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
	}
	first := apitest.Read[gen.Scan](t, a.Do(t, buy(shop.Front, card, bought("0042", 1299))))
	if first.Card.Balance != 12 {
		t.Fatalf("12.99 EUR earned %d", first.Card.Balance)
	}
	for _, who := range []loyalty.CardID{card, other} {
		for _, till := range []apitest.Till{shop.Front, shop.Back} {
			p := a.Refused(t, buy(till, who, bought("0042", 9900)), gen.ProblemCodePurchaseAlreadyCredited)
			if p.Entry != first.Entries[0].ID {
				t.Errorf("the entry in the way: %s", p.Entry)
			}
		}
	}
	scan := a.Look(t, shop, shop.Front, other)
	a.Refused(t, apitest.Earn(shop.Front, scan.Scan, apitest.Map{"purchase": bought("0042", 100)}), gen.ProblemCodePurchaseAlreadyCredited)

	rival := a.NewCard(t, a.Rival, a.Rival.Points).ID // has receipts of its own
	token := a.Token(t, a.Rival, rival)
	if answer := a.Do(t, apitest.Scan(a.Rival.Front, token, apitest.Map{"earn": apitest.Map{"purchase": bought("0042", 500)}})); answer.Status != 200 {
		t.Errorf("the rival's: %d %s", answer.Status, answer.Body)
	}

	a.Post(t, apitest.Void(shop.Front, first.Entries[0].ID, nil))
	if again := apitest.Read[gen.Scan](t, a.Do(t, buy(shop.Front, other, bought("0042", 1299)))); again.Card.Balance != 12 {
		t.Errorf("after the void: %+v", again.Card)
	}
}

func TestPurchasesThatDoNotFit(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Points).ID
	for name, tt := range map[string]struct {
		earn apitest.Map
		code gen.ProblemCode
	}{
		"nothing":           {apitest.Map{}, gen.ProblemCodePurchaseRequired},
		"units":             {apitest.Map{"units": 5}, gen.ProblemCodeUnitsNotAccepted},
		"both":              {apitest.Map{"units": 5, "purchase": bought("1", 100)}, gen.ProblemCodeUnitsNotAccepted},
		"other currency":    {apitest.Map{"purchase": with(bought("1", 100), "currency", "PLN")}, gen.ProblemCodeCurrencyMismatch},
		"too little":        {apitest.Map{"purchase": bought("1", 99)}, gen.ProblemCodeNothingToEarn},
		"paid with rewards": {apitest.Map{"purchase": with(bought("1", 500), "paid_with_reward", 500)}, gen.ProblemCodeNothingToEarn},
		"more than all":     {apitest.Map{"purchase": with(bought("1", 500), "paid_with_reward", 501)}, gen.ProblemCodePurchaseInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			a.Refused(t, apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": tt.earn}), tt.code)
		})
	}
}

// Texts of a purchase come back nowhere, but they are stored: so whatever stands
// in them must be storable.
func TestPurchasesOfStrangeTexts(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		shop := a.Shop
		card := a.NewCard(t, shop, shop.Points).ID
		for _, text := range []string{"\x00", "a\x00b", "\u2028", "\ufffd", "🍦", "'; --", "\u202e", "\x7f", `\u0000`, "NULL", "ﷺ"} {
			purchase := bought(text, 100)
			purchase["items"] = []any{apitest.Map{"sku": text, "category": text, "unit": text, "quantity": 1, "amount": 100}}
			c := apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Map{"earn": apitest.Map{"purchase": purchase}})
			if answer := a.Do(t, c); answer.Status != 200 {
				t.Errorf("%q: %d %s", text, answer.Status, answer.Body)
			}
			note := apitest.Call{Path: "/v1/cards/" + card.String() + "/adjustments", Token: shop.Admin, Key: apitest.Key()}
			note.Body = apitest.Map{"units": 1, "note": text}
			if answer := a.Do(t, note); answer.Status != 201 {
				t.Errorf("note %q: %d %s", text, answer.Status, answer.Body)
			}
		}
	})
}

// everywhere runs a test on both databases.
func everywhere(t *testing.T, test func(*testing.T, *apitest.API)) {
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, apitest.Boot(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, apitest.Boot(t, apitest.Postgres(t))) })
}

// The catalogue: what the balance buys, a limit per card, the last one in stock.
func TestCatalogueStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	bag, last, once := shop.Points.Rewards[0], shop.Points.Rewards[1], shop.Points.Rewards[2]
	card, other := a.NewCard(t, shop, shop.Points).ID, a.NewCard(t, shop, shop.Points).ID
	redeem := func(card loyalty.CardID, reward loyalty.RewardID) apitest.Call {
		return apitest.Redeem(shop.Front, a.Look(t, shop, shop.Front, card).Scan, apitest.Map{"reward": reward})
	}
	for i, who := range []loyalty.CardID{card, other} {
		purchase := bought([]string{"1", "2"}[i], 5000)
		a.Do(t, apitest.Scan(shop.Front, a.Token(t, shop, who), apitest.Map{"earn": apitest.Map{"purchase": purchase}}))
	}
	offers := a.Look(t, shop, shop.Front, card).Offers
	if len(offers) != 3 || offers[0].Reward != bag || offers[0].Cost != 5 || !offers[0].Available {
		t.Errorf("offers: %+v", offers)
	}
	if posted := a.Post(t, redeem(card, bag)); posted.Card.Balance != 45 || posted.Entries[0].Units != -5 {
		t.Errorf("a bag: %+v", posted)
	}
	a.Post(t, redeem(card, once))
	a.Refused(t, redeem(card, once), gen.ProblemCodeRewardLimitReached)
	taken := a.Post(t, redeem(card, last))
	a.Refused(t, redeem(other, last), gen.ProblemCodeRewardOutOfStock)
	a.Post(t, apitest.Void(shop.Front, taken.Entries[0].ID, nil))
	a.Post(t, redeem(other, last))
	a.Refused(t, redeem(card, shop.Stamps.Rewards[0]), gen.ProblemCodeRewardNotFound)
	a.Refused(t, redeem(card, a.Rival.Points.Rewards[0]), gen.ProblemCodeRewardNotFound)
	adjust(t, a, card, -44)
	a.Refused(t, redeem(card, bag), gen.ProblemCodeInsufficientBalance)
}

func adjust(t *testing.T, a *apitest.API, card loyalty.CardID, units int64) gen.Posting {
	t.Helper()
	return a.Post(t, apitest.Call{
		Path: "/v1/cards/" + card.String() + "/adjustments", Token: a.Shop.Admin, Key: apitest.Key(),
		Body: apitest.Map{"units": units, "note": "because"},
	})
}

// Adjustments fill cards and empty them, and never below what was used.
func TestAdjustments(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	if filled := adjust(t, a, card, 12); filled.Card.Balance != 2 || len(filled.Card.Vouchers) != 1 || filled.Entries[0].Method != gen.MethodOffice {
		t.Errorf("12 more: %+v", filled)
	}
	if emptied := adjust(t, a, card, -3); emptied.Card.Balance != 9 || len(emptied.Card.Vouchers) != 0 {
		t.Errorf("3 less: %+v", emptied)
	}
	call := func(units any) apitest.Call {
		return apitest.Call{
			Path: "/v1/cards/" + card.String() + "/adjustments", Token: a.Shop.Admin, Key: apitest.Key(), Body: apitest.Map{"units": units},
		}
	}
	a.Refused(t, call(-10), gen.ProblemCodeInsufficientBalance)
	a.Refused(t, call(0), gen.ProblemCodeUnitsOutOfRange)
	a.Refused(t, call(1<<53), gen.ProblemCodeUnitsOutOfRange)
	voucher := adjust(t, a, card, 1).Card.Vouchers[0].ID
	a.Post(t, apitest.Redeem(a.Shop.Front, a.Look(t, a.Shop, a.Shop.Front, card).Scan, apitest.Map{"voucher": voucher}))
	a.Refused(t, call(-1), gen.ProblemCodeVoidRewardUsed)
	long := call(1)
	long.Body = apitest.Map{"units": 1, "note": string(slices.Repeat([]rune("é"), 500))} // characters, not bytes
	if answer := a.Do(t, long); answer.Status != 201 {
		t.Errorf("a note of 500 letters: %d %s", answer.Status, answer.Body)
	}
}

// The pages of a ledger hold every entry once, and new entries do not disturb them.
func TestPagesOfEntries(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apitest.API) {
		card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
		for range 5 {
			adjust(t, a, card, 1)
		}
		list := func(query string) gen.EntryPage {
			return apitest.Read[gen.EntryPage](t, a.Do(t, apitest.Call{
				Method: http.MethodGet, Path: "/v1/cards/" + card.String() + "/entries" + query, Token: a.Shop.App,
			}))
		}
		var seqs []int64
		for page := list("?limit=2"); ; page = list(fmt.Sprint("?limit=2&before=", page.Next)) {
			for _, e := range page.Entries {
				seqs = append(seqs, e.Seq)
			}
			if page.Next == 0 {
				break
			}
			adjust(t, a, card, 1)
		}
		if !slices.Equal(seqs, []int64{5, 4, 3, 2, 1}) {
			t.Errorf("pages: %v", seqs)
		}
		if first := list("?before=1"); len(first.Entries) != 0 || first.Next != 0 {
			t.Errorf("before the first: %+v", first)
		}
		if all := list("?limit=100"); len(all.Entries) != 7 || all.Next != 0 {
			t.Errorf("all: %d, next %d", len(all.Entries), all.Next)
		}
		if exact := list("?limit=7"); len(exact.Entries) != 7 || exact.Next != 0 {
			t.Errorf("exactly all: %d, next %d", len(exact.Entries), exact.Next)
		}
	})
}

// Cards are made for programs that run, and cards of ended ones go on redeeming.
func TestProgramThatEnded(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	card := full(t, a)
	a.Publish(t, a.Shop, a.Shop.Stamps.ID, func(r *loyalty.Rules) { r.Ends = a.Clock.Now() })
	enrol := apitest.Call{Path: "/v1/cards", Token: a.Shop.App, Body: apitest.Map{"program": a.Shop.Stamps.ID}}
	a.Refused(t, enrol, gen.ProblemCodeProgramEnded)
	a.Refused(t, apitest.Scan(a.Shop.Front, a.Token(t, a.Shop, card.ID), apitest.Units(1)), gen.ProblemCodeProgramEnded)
	a.Post(t, apitest.Redeem(a.Shop.Front, a.Look(t, a.Shop, a.Shop.Front, card.ID).Scan, apitest.Map{"voucher": card.Vouchers[0].ID}))
	list := apitest.Call{Method: http.MethodGet, Path: "/v1/programs", Token: a.Shop.App}
	programs := apitest.Read[gen.ProgramList](t, a.Do(t, list)).Programs
	i := slices.IndexFunc(programs, func(p gen.Program) bool { return p.ID == a.Shop.Stamps.ID })
	if len(programs) != 3 || programs[i].Version != 2 || !programs[i].EndsAt.Equal(a.Clock.Now()) {
		t.Errorf("programs: %+v", programs)
	}
}
