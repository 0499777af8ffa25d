package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// A lease counts what was handed out in the order in which it was, whatever became of
// each: rewards that are contested for other reasons use it up for those after them.
func TestLeasesCountWhatIsContested(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	a.Do(t, apitest.Call{Method: "PATCH", Path: "/v1/tills/" + shop.Front.ID.String(), Token: shop.Admin, Body: apitest.Map{"offline_redemptions": 3}})
	tablet := a.NewTablet(t, shop.Front)
	a.TakeLease(t, tablet)
	now := a.Clock.Now()
	redeem := func(second int, statement string) string {
		t.Helper()
		card := a.NewCard(t, shop, shop.Stamps).ID
		voucher := voucherOf(t, a, card)
		if statement == "" {
			statement = a.State(t, shop, card, voucher)
		}
		return tablet.Redeem(t, a.Token(t, shop, card), statement, voucher, now.Add(time.Duration(second)*time.Second))
	}
	card := a.NewCard(t, shop, shop.Stamps).ID
	voucher := voucherOf(t, a, card)
	statement, at := a.State(t, shop, card, voucher), now.Add(2*time.Second)
	items := []string{
		redeem(4, ""),
		redeem(1, "nothing"),
		tablet.Redeem(t, a.Token(t, shop, card), statement, voucher, at),
		tablet.Redeem(t, a.Token(t, shop, card), statement, voucher, at.Add(time.Second)), // handed out again
		redeem(5, ""),
	}
	a.Clock.Advance(time.Minute)
	results := a.Sync(t, tablet, items...)
	wantState(t, results[1], gen.SyncStateContested, gen.ProblemCodeStatementInvalid)
	wantState(t, results[2], gen.SyncStatePosted, "")
	wantState(t, results[3], gen.SyncStateContested, gen.ProblemCodeVoucherNotRedeemable)
	wantState(t, results[0], gen.SyncStateContested, gen.ProblemCodeLeaseExhausted)
	wantState(t, results[4], gen.SyncStateContested, gen.ProblemCodeLeaseExhausted)
}

// What became of an item is forgotten one day. Whatever its clock says, it is too old
// by then to be done again.
func TestForgottenItemsDoNotComeAgain(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	tablet := a.NewTablet(t, shop.Front)
	card := a.NewCard(t, shop, shop.Stamps).ID
	printed := a.Static(t, shop, card, gen.SurfacePrint)
	item := tablet.Earn(t, printed, a.Clock.Now().Add(365*24*time.Hour))
	wantState(t, a.Sync(t, tablet, item, tablet.Earn(t, printed, a.Clock.Now()))[0], gen.SyncStatePosted, "")
	a.Clock.Advance(loyalty.ItemMemory)
	if _, err := a.Store.Prune(t.Context(), a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	wantState(t, a.Sync(t, tablet, item)[0], gen.SyncStateContested, gen.ProblemCodeCaptureTooOld)
	if got := a.GetCard(t, shop, card).Balance; got != 2 {
		t.Errorf("the card has %d", got)
	}
}

// What a person did offline is the person's, too, where it was not posted.
func TestExportHasWhatIsContested(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	she, cards, _ := live(t, a)
	tablet := a.NewTablet(t, a.Shop.Front)
	token := a.Token(t, a.Shop, cards[0])
	a.Sync(t, tablet, tablet.Earn(t, token, a.Clock.Now()), tablet.Earn(t, token, a.Clock.Now()))
	got := apitest.Read[gen.MemberExport](t, a.Do(t, on(a, "GET", pathOf(she)+"/export", nil)))
	contested := 0
	for _, card := range got.Cards {
		for _, c := range card.Contested {
			if contested++; c.Card != card.Card.ID || c.Code != gen.ProblemCodeCredentialAlreadyUsed {
				t.Errorf("contested: %+v", c)
			}
		}
	}
	if contested != 1 {
		t.Errorf("%d contested items, want 1", contested)
	}
}
