package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A scan that looks says what earning takes before anybody presses: nothing, a
// manager's PIN for a while, then nothing again, and at last that today is over.
func TestAScanTellsWhatEarningTakes(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop, card := a.Shop, a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	a.Publish(t, shop, shop.Stamps.ID, func(r *loyalty.Rules) { r.Earn.Cooldown, r.Earn.Override, r.Earn.DailyCap = 600, true, 2 })
	terms := func() gen.EarnTerms {
		t.Helper()
		scan := a.Look(t, shop, shop.Front, card)
		if scan.Earn == nil {
			t.Fatal("a scan that looks says nothing of earning")
		}
		found := apitest.Read[gen.Matches](t, a.Do(t, lookUp(shop.Front, apitest.Map{"card_number": card, "pin": shop.PINs.Cashier}))).Matches[0].Earn
		if found == nil || found.Allowed != scan.Earn.Allowed || found.Reason != scan.Earn.Reason {
			t.Errorf("scanned %+v, looked up %+v", scan.Earn, found)
		}
		return *scan.Earn
	}
	if got := terms(); !got.Allowed || got.NeedsPIN != "" || got.Reason != "" || got.LeftToday == nil || *got.LeftToday != 2 {
		t.Errorf("at first: %+v", got)
	}
	at := a.Clock.Now()
	if earned := a.Do(t, apitest.Scan(shop.Front, a.Token(t, shop, card), apitest.Units(1))); apitest.Read[gen.Scan](t, earned).Earn != nil {
		t.Error("a scan that has earned says what earning takes")
	}
	if got := terms(); !got.Allowed || got.NeedsPIN != gen.RoleManager || got.Reason != gen.ProblemCodeCooldownActive || !got.RetryAt.Equal(at.Add(10*time.Minute)) {
		t.Errorf("too soon: %+v", got)
	}
	a.Clock.Advance(10 * time.Minute)
	if got := terms(); !got.Allowed || got.NeedsPIN != "" || *got.LeftToday != 1 {
		t.Errorf("later: %+v", got)
	}
	a.Stamp(t, shop, shop.Front, card, 1)
	a.Clock.Advance(10 * time.Minute)
	got := terms()
	if got.Allowed || got.Reason != gen.ProblemCodeDailyCapReached || *got.LeftToday != 0 || got.RetryAt.IsZero() {
		t.Errorf("enough: %+v", got)
	}
	a.Refused(t, apitest.Scan(shop.Front, a.Token(t, shop, card), with(apitest.Units(1), "pin", shop.PINs.Manager)), gen.ProblemCodeDailyCapReached)
}
