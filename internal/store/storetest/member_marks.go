package storetest

import (
	"slices"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// testMemberMarks holds that cards are marked whose holder is, or is called, another
// from now on: passes may say so.
func testMemberMarks(t *testing.T, fresh func(testing.TB) string) {
	shop := NewShop(t, fresh(t))
	watched := func(name string) loyalty.Card {
		card := shop.Card(t, shop.Stamps, name)
		shop.register(t, shop.pass(t, card.ID), loyalty.Hash{1}, "aa", loyaltytest.Now)
		return card
	}
	one, two, other := watched("one"), watched("two"), watched("other")
	unseen := shop.Card(t, shop.Stamps, "nothing shows it")
	anna, berta := shop.member(t, "anna", 1), shop.member(t, "berta", 2)
	both := []loyalty.CardID{one.ID, two.ID}
	slices.SortFunc(both, loyalty.CardID.Compare)
	shop.everyMark(t)

	for _, step := range []struct {
		name   string
		change func() error
		want   []loyalty.CardID
	}{
		{"a card becomes anna's", func() error { return shop.tryAttach(t, one, anna) }, []loyalty.CardID{one.ID}},
		{"another one that nothing shows", func() error { return shop.tryAttach(t, unseen, anna) }, nil},
		{"two are berta's", func() error {
			if err := shop.tryAttach(t, two, berta); err != nil {
				return err
			}
			return shop.tryAttach(t, other, berta)
		}, slices.SortedFunc(slices.Values([]loyalty.CardID{two.ID, other.ID}), loyalty.CardID.Compare)},
		{"one is nobody's", func() error { return shop.tryDetach(t, other) }, []loyalty.CardID{other.ID}},
		{"anna is called another name", func() error {
			_, err := shop.ChangeMember(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, anna.ID,
				func(m *loyalty.Member, _ []loyalty.Consent) (loyalty.Answer, error) {
					m.Sealed = []byte("changed")
					return loyalty.Answer{}, nil
				})
			return err
		}, []loyalty.CardID{one.ID}},
		{"berta is anna", func() error {
			_, err := shop.MergeMembers(t.Context(), loyalty.Answer{}, loyaltytest.Merchant, berta.ID, anna.ID,
				func(*loyalty.Member, *loyalty.Member, []loyalty.Consent) (loyalty.Answer, error) {
					return loyalty.Answer{}, nil
				})
			return err
		}, both},
	} {
		if err := step.change(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := shop.everyMark(t); !slices.Equal(got, step.want) {
			t.Errorf("%s: marked %v, want %v", step.name, got, step.want)
		}
	}
}
