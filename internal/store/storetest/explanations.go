package storetest

import (
	"bytes"
	"errors"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
)

// testExplanations earns without a purchase by a rule: why it gave what it gave stands
// with the entry, is read as any detail, and goes with the member.
func testExplanations(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna := shop.member(t, "anna", 1)
	ruled := loyaltytest.Program(t, func(r *loyalty.Rules) { r.Earn.Bonuses = []loyalty.Bonus{{Name: "twice", Units: 1}} })
	ruled.ID = loyaltytest.ID("ruled")
	shop.Do(t, func(tx *store.Tx) error { return tx.InsertProgram(*ruled, loyaltytest.Now) })
	card := shop.Card(t, ruled, "ruled")
	shop.attach(t, card, anna)
	decided := shop.Must(t, loyaltytest.Command("scan", card.ID, shop.Front, loyaltytest.Now, loyalty.Earning{Units: 1}))
	want, ok := decided.Entries[0].Explanation()
	if !ok || len(decided.Details) != 0 || string(want.Body) != `{"why":[{"units":1,"why":"base"},{"rule":"twice","units":1,"why":"bonus"}]}` {
		t.Fatalf("%+v beside %+v", decided.Entries[0], decided.Details)
	}
	if got, err := shop.Detail(t.Context(), want.Entry); err != nil || got.Salt != want.Salt || !bytes.Equal(got.Body, want.Body) {
		t.Errorf("read %+v, %v", got, err)
	}
	exported := func() loyalty.DetailedEntry {
		t.Helper()
		entries, err := shop.DetailedEntries(t.Context(), card.ID, 0, 10)
		if err != nil || len(entries) != 1 {
			t.Fatalf("%+v, %v", entries, err)
		}
		return entries[0]
	}
	if got := exported(); got.Salt != want.Salt || !bytes.Equal(got.Detail, want.Body) {
		t.Errorf("exported %+v", got)
	}
	proven(t, shop, 1)

	done := func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := shop.EraseMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID, loyaltytest.Now, done); err != nil {
		t.Fatal(err)
	}
	if got := exported(); got.Explained != "" || got.Detail != nil || got.Commitment == (loyalty.Hash{}) {
		t.Errorf("erased, and there is %+v", got)
	}
	if _, err := shop.Detail(t.Context(), want.Entry); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("erased, and read: %v", err)
	}
	proven(t, shop, 1)
}
