package storetest

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testLimits has a merchant's limits and a till's block where they are asked for, and
// what was lifted with the entry.
func testLimits(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	want := loyalty.Limits{CardEarnsPerHour: 1, TillActionsPerMinute: 2, TillActionsPerHour: 3, StaffActionsPerHour: loyalty.MostOfLimit}
	_, err := shop.ChangeMerchant(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, loyaltytest.Now, func(m *loyalty.Merchant) (loyalty.Answer, error) {
		m.Limits = want
		return loyalty.Answer{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := shop.Merchant(t.Context(), loyaltytest.Merchant)
	if err != nil || m.Limits != want || m.Name != "Shop" {
		t.Errorf("%+v, %v", m, err)
	}
	for _, blocked := range []bool{true, false} {
		_, err := shop.ChangeTill(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, shop.Front.ID, func(till *loyalty.TillListing) (loyalty.Answer, error) {
			till.Block(blocked, loyaltytest.Now)
			return loyalty.Answer{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		access, err := shop.TillAccess(t.Context(), shop.Front.ID)
		if err != nil || access.Limits != want || access.Till.Blocked != blocked || access.Hash == (loyalty.Hash{}) {
			t.Errorf("blocked %t: %+v, %v", blocked, access, err)
		}
		if is := shop.read(t, loyalty.Keys{Tills: []loyalty.TillID{shop.Front.ID}}).Tills[shop.Front.ID]; is.Blocked != blocked {
			t.Errorf("blocked %t: the facts have %+v", blocked, is)
		}
	}

	card := shop.Card(t, shop.Stamps, "lifted")
	entry := loyalty.Entry{
		ID: loyalty.NewID(), Merchant: m.ID, Operator: m.ID, Card: card.ID, Seq: 1, Kind: loyalty.Earn, Units: 1, Program: shop.Stamps.ID, Version: 1,
		Captured: loyaltytest.Now, Posted: loyaltytest.Now, Hash: loyalty.Hash{1}, Lifted: loyalty.AllLimits,
	}
	if err := shop.write(t, loyalty.Writes{Entries: []loyalty.Entry{entry}}); err != nil {
		t.Fatal(err)
	}
	if got, err := shop.Entry(t.Context(), m.ID, entry.ID); err != nil || got != entry {
		t.Errorf("written %+v\nread    %+v, %v", entry, got, err)
	}
}
