package api_test

import (
	"net/http"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// The whole life of a stamp card: shown, stamped, refused, filled, redeemed,
// voided, redeemed again.
func TestStampCardStory(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	shop := a.Shop
	card := a.NewCard(t, shop, shop.Stamps)
	if card.Balance != 0 || card.Progress == nil || card.Progress.Missing != 10 {
		t.Fatalf("a new card: %+v", card)
	}

	credential := a.Token(t, shop, card.ID)
	stamped := apitest.Read[gen.Scan](t, a.Do(t, apitest.Scan(shop.Front, credential, apitest.Units(2))))
	if stamped.Card.Balance != 2 || len(stamped.Entries) != 1 || stamped.Entries[0].Till != shop.Front.ID {
		t.Fatalf("stamped: %+v", stamped)
	}

	again := a.Refused(t, apitest.Scan(shop.Front, credential, apitest.Units(2)), gen.ProblemCodeCredentialAlreadyUsed)
	if u := again.Used; u == nil || !u.At.Equal(stamped.Entries[0].PostedAt) || u.TillName != shop.Front.Name ||
		u.Till != shop.Front.ID || u.Entry != stamped.Entries[0].ID {
		t.Errorf("the till that used the code is told %+v", u)
	}
	elsewhere := a.Refused(t, apitest.Scan(shop.Back, credential, apitest.Units(2)), gen.ProblemCodeCredentialAlreadyUsed)
	if u := elsewhere.Used; u == nil || u.At.IsZero() || u.TillName != shop.Front.Name || !u.Entry.IsZero() || !elsewhere.Entry.IsZero() {
		t.Errorf("another till is told %+v", u)
	}
	a.Refused(t, apitest.Scan(shop.Back, credential, nil), gen.ProblemCodeCredentialAlreadyUsed)

	filled := a.Stamp(t, shop, shop.Front, card.ID, 9)
	if filled.Card.Balance != 1 || filled.Card.Cycle != 1 || len(filled.Card.Vouchers) != 1 || len(filled.Entries) != 2 {
		t.Fatalf("filled: %+v", filled)
	}
	voucher := filled.Card.Vouchers[0]
	if len(filled.Offers) != 1 || filled.Offers[0].Voucher != voucher.ID || !filled.Offers[0].Available || filled.Offers[0].NeedsPIN != "" {
		t.Errorf("offers: %+v", filled.Offers)
	}

	scan := a.Look(t, shop, shop.Front, card.ID)
	redeemed := a.Post(t, apitest.Redeem(shop.Front, scan.Scan, apitest.Map{"reward": voucher.Reward}))
	if len(redeemed.Card.Vouchers) != 0 || redeemed.Entries[0].Voucher != voucher.ID {
		t.Fatalf("redeemed: %+v", redeemed)
	}
	a.Refused(t, apitest.Redeem(shop.Front, scan.Scan, apitest.Map{"reward": voucher.Reward}), gen.ProblemCodeScanAlreadyUsed)

	a.Clock.Advance(9 * time.Minute)
	voided := a.Post(t, apitest.Void(shop.Front, redeemed.Entries[0].ID, nil))
	if len(voided.Card.Vouchers) != 1 || voided.Card.Vouchers[0].ID != voucher.ID || voided.Entries[0].Origin != redeemed.Entries[0].ID {
		t.Fatalf("voided: %+v", voided)
	}
	a.Refused(t, apitest.Void(shop.Front, redeemed.Entries[0].ID, nil), gen.ProblemCodeEntryAlreadyVoided)

	scan = a.Look(t, shop, shop.Back, card.ID)
	a.Post(t, apitest.Redeem(shop.Back, scan.Scan, apitest.Map{"voucher": voucher.ID}))
	scan = a.Look(t, shop, shop.Back, card.ID)
	a.Refused(t, apitest.Redeem(shop.Back, scan.Scan, apitest.Map{"voucher": voucher.ID}), gen.ProblemCodeVoucherNotRedeemable)
	a.Refused(t, apitest.Redeem(shop.Back, scan.Scan, apitest.Map{"reward": voucher.Reward}), gen.ProblemCodeVoucherNotFound)

	list := apitest.Call{Method: http.MethodGet, Path: "/v1/cards/" + card.ID.String() + "/entries", Token: shop.App}
	page := apitest.Read[gen.EntryPage](t, a.Do(t, list))
	var kinds []gen.EntryKind
	for _, e := range page.Entries {
		kinds = append(kinds, e.Kind)
	}
	want := []gen.EntryKind{"redeem", "void", "redeem", "complete", "earn", "earn"}
	if len(kinds) != len(want) || page.Next != 0 {
		t.Fatalf("entries: %v, next %d", kinds, page.Next)
	}
	for i := range want {
		if kinds[i] != want[i] || page.Entries[i].Seq != int64(len(want)-i) {
			t.Errorf("entry %d is %s with seq %d, want %s", i, kinds[i], page.Entries[i].Seq, want[i])
		}
	}
}
