package storetest

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testErasedPasses holds that the passes of whoever is erased end: their wallets are
// told that once, phones find them until then and no longer than a month, and nothing
// watches the card any more.
func testErasedPasses(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	card, phone := shop.Card(t, shop.Stamps, "anna").ID, loyalty.Hash{1}
	apple := shop.pass(t, card)
	shop.register(t, apple, phone, "aa", loyaltytest.Now)
	opening := loyalty.Pass{ID: loyalty.NewID(), Merchant: loyaltytest.Merchant, Card: card, Wallet: loyalty.GoogleWallet, Created: loyaltytest.Now, Changed: loyaltytest.Now}
	google, err := shop.OpenPass(t.Context(), opening)
	if err != nil {
		t.Fatal(err)
	}
	save := loyalty.GoogleEvent{Pass: google.ID, Program: google.Program, Saved: true, Nonce: loyalty.Hash{1}, Expires: loyaltytest.Now.Add(time.Hour)}
	if fresh, err := shop.HearGoogle(t.Context(), save, loyaltytest.Now); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	marked := func() []loyalty.Dirt {
		t.Helper()
		marks, err := shop.Dirty(t.Context(), loyalty.Dirt{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return marks
	}
	for _, mark := range marked() {
		if err := clean(shop, mark); err != nil {
			t.Fatal(err)
		}
	}
	erased := loyaltytest.Now.Add(time.Hour)
	for range 2 { // the second finds nothing to end
		if err := shop.EraseCard(t.Context(), loyaltytest.Merchant, card, erased); err != nil {
			t.Fatal(err)
		}
	}
	marks := marked()
	if len(marks) != 1 || marks[0].Card != card || marks[0].Version != 1 {
		t.Fatalf("marked %+v", marks)
	}
	list, err := shop.PassesOf(t.Context(), card)
	if err != nil || len(list) != 2 || !list[0].Removed.Equal(erased) || !list[1].Removed.Equal(erased) {
		t.Errorf("its passes are %+v, %v", list, err)
	}
	for i := range list {
		list[i].Change(loyalty.Ended, erased)
	}
	added := 0
	add := func(_ *sql.Tx, changed []loyalty.Pass) error { added += len(changed); return nil }
	if err := shop.Settle(t.Context(), []loyalty.Turn{{Dirt: marks[0], Changed: list}}, add); err != nil || added != 2 {
		t.Errorf("%d wallets are to be told, %v", added, err)
	}
	if told, err := shop.Announce(t.Context(), apple.ID, erased); err != nil || len(told) != 1 {
		t.Errorf("of the end %+v are told, %v", told, err)
	}
	if _, err := shop.Register(t.Context(), apple, loyalty.Hash{2}, "bb", erased); !errors.Is(err, loyalty.ErrNotFound) {
		t.Errorf("registering for what has ended: %v", err)
	}
	save.Nonce = loyalty.Hash{2}
	if _, err := shop.HearGoogle(t.Context(), save, erased); err != nil {
		t.Errorf("a late word of Google: %v", err)
	}
	if shop.marked(t, card) {
		t.Error("something still watches the card")
	}

	opening.ID = loyalty.NewID()
	if again, err := shop.OpenPass(t.Context(), opening); err != nil || again.ID != opening.ID || !again.Removed.IsZero() {
		t.Errorf("added again it is %+v, %v", again, err)
	}
	const month = 30 * 24 * time.Hour
	for _, step := range []struct {
		at   time.Time
		left int
	}{{erased.Add(month - time.Second), 1}, {erased.Add(month), 0}} {
		if _, err := shop.Prune(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		if left, err := shop.Registered(t.Context(), phone, time.Time{}, 10); err != nil || len(left) != step.left {
			t.Errorf("at %s its phone finds %+v, %v", step.at, left, err)
		}
	}
	if list, err = shop.PassesOf(t.Context(), card); err != nil || len(list) != 1 || list[0].ID != opening.ID {
		t.Errorf("in the end its passes are %+v, %v", list, err)
	}
}
