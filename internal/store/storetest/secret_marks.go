package storetest

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testSecretMarks holds that what shows a card is told of a secret that was renewed or
// revoked, once each, also where the secret is that of a card merged into it; and of
// other keys.
func testSecretMarks(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	anna, bert := shop.Card(t, shop.Stamps, "anna"), shop.Card(t, shop.Stamps, "bert")
	wallet := shop.device(t, anna.ID, loyalty.Google, loyalty.Hash{})
	if _, err := shop.renew(t, wallet); err != nil {
		t.Fatal(err)
	}
	if err := shop.TouchPasses(t.Context(), loyaltytest.Now); err != nil {
		t.Fatal(err)
	}
	if marked := shop.everyMark(t); len(marked) > 0 {
		t.Errorf("what nobody shows is marked: %v", marked)
	}
	shop.register(t, shop.pass(t, anna.ID), loyalty.Hash{1}, "aa", loyaltytest.Now)
	shop.register(t, shop.pass(t, bert.ID), loyalty.Hash{2}, "bb", loyaltytest.Now)
	shop.everyMark(t)
	try := func(what string, want int, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if marked := shop.everyMark(t); len(marked) != want {
			t.Errorf("%s: marked %v, want %d", what, marked, want)
		}
	}
	reissue := func(revoke bool) func() error {
		return func() error {
			change := loyalty.CardChange{
				ID: loyalty.NewID(), Card: anna.ID, Key: loyaltytest.ID("key"), Kind: loyalty.Reissue, Surface: loyalty.Print, At: loyaltytest.Now, RevokePhones: revoke,
			}
			_, err := shop.ChangeCard(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, change,
				func(*loyalty.Card) (loyalty.Answer, error) { return done, nil })
			return err
		}
	}
	try("other keys", 2, func() error { return shop.TouchPasses(t.Context(), loyaltytest.Now) })
	try("renewed", 1, func() error { _, err := shop.renew(t, wallet); return err })
	try("revoked", 1, func() error { shop.revoke(t, wallet); return nil })
	try("revoked again", 0, func() error { shop.revoke(t, wallet); return nil })
	try("reissued", 1, reissue(true))

	postMerge(t, shop, loyaltytest.Command("merge", anna.ID, loyalty.Till{}, loyaltytest.Now, loyalty.Merger{Into: bert.ID}))
	shop.everyMark(t)
	try("the merged card's paper", 1, reissue(false))
	try("the merged card's paper and phones", 2, reissue(true))
}
