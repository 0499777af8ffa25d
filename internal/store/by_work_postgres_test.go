package store_test

import (
	"context"
	"slices"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store/storetest"
)

// Whoever confirms a work address on a card that is nobody's waits for the cards of who
// had confirmed it before, and holds none meanwhile that comes later.
func TestConfirmWorkLocksInOrder(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	cards := []loyalty.CardID{shop.Card(t, shop.Stamps, "one").ID, shop.Card(t, shop.Stamps, "two").ID}
	slices.SortFunc(cards, loyalty.CardID.Compare)
	a := loyalty.Agreement{
		ID: loyaltytest.ID("agreement"), Merchant: loyaltytest.Merchant, Kind: loyalty.WithCompany, Name: "Harbour", Domains: []string{"harbour.example"},
		Created: loyaltytest.Now, Changed: loyaltytest.Now, RosterKey: []byte("sealed"),
	}
	if _, err := shop.AddAgreement(t.Context(), loyalty.Answer{}, a); err != nil {
		t.Fatal(err)
	}
	confirm := func(ctx context.Context, card loyalty.CardID, fresh string) error {
		f := loyalty.Affiliation{Agreement: a.ID, Who: loyalty.Hash{1}, Domain: "harbour.example", Since: loyaltytest.Now}
		_, err := shop.ConfirmWork(ctx, loyalty.Answer{}, loyaltytest.Merchant, card, f, loyalty.Member{
			ID: loyaltytest.ID(fresh), Merchant: loyaltytest.Merchant, Sealed: []byte("sealed"), Created: loyaltytest.Now, Changed: loyaltytest.Now,
		})
		return err
	}
	if err := confirm(t.Context(), cards[0], "before"); err != nil {
		t.Fatal(err)
	}
	heldIn(t, shop, "cards WHERE id", cards[0], cards[1:], func(ctx context.Context) error {
		return confirm(ctx, cards[1], "after")
	})
	for i, want := range []loyalty.Audience{loyalty.Customer, loyalty.PartnerStaff} {
		state, err := shop.Store.Card(t.Context(), loyaltytest.Merchant, cards[i])
		if err != nil || state.Belonging.AudienceAt(loyaltytest.Now) != want {
			t.Errorf("card %d is of %+v, %v, want %s", i, state.Belonging, err, want)
		}
	}
}
