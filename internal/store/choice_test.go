package store

import (
	"context"
	"slices"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// changed notes which changes there are.
type changed []*change

func (c *changed) change(_ context.Context, what *change, _ int, _ func(int, sink)) error {
	*c = append(*c, what)
	return nil
}

// What a customer may choose asks for nothing more than redeeming does, and what is done
// with a card on which nothing was chosen writes nothing about it.
func TestChoicesCostNothing(t *testing.T) {
	t.Parallel()
	asked := func(do loyalty.Action) (lookups []*lookup) {
		keys := loyaltytest.Keys([]*loyalty.Command{{Card: loyaltytest.ID("card"), Do: do}})
		for _, q := range questions(keys, seldom{}, &shown{}) {
			lookups = append(lookups, q.lookup)
		}
		return lookups
	}
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	if a, b := asked(loyalty.Choosing{Redemption: redeem}), asked(redeem); !slices.Equal(a, b) {
		t.Errorf("choosing asks %d questions, redeeming %d", len(a), len(b))
	}

	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	written := func(do loyalty.Action) bool {
		t.Helper()
		w, done := &loyalty.Writes{}, changed{}
		w.Add(shop.Do(do))
		if err := write(t.Context(), &done, w); err != nil {
			t.Fatal(err)
		}
		return slices.Contains(done, updateChoices)
	}
	if written(loyalty.Earning{Units: 30}) || written(redeem) || written(loyalty.Choosing{Drop: true}) {
		t.Error("a choice is written where there is none")
	}
	if !written(loyalty.Choosing{Redemption: redeem}) || written(loyalty.Earning{Units: 1}) || !written(redeem) || written(redeem) {
		t.Error("a choice is not written when it begins or ends, or is written in between")
	}
}

func TestPackChoice(t *testing.T) {
	t.Parallel()
	for _, want := range []loyalty.Choice{
		{},
		{Reward: loyaltytest.Cone, Until: loyaltytest.Now},
		{Reward: loyaltytest.Cone, Voucher: loyaltytest.ID("voucher"), Amount: loyalty.MaxAmount, Until: loyaltytest.Now},
	} {
		if got, err := unpackChoice(packChoice(&want)); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	whole := packChoice(&loyalty.Choice{Reward: loyaltytest.Cone, Until: loyaltytest.Now})
	for _, bad := range [][]byte{whole[1:], whole[:len(whole)-1], append([]byte{2}, whole[1:]...)} {
		if _, err := unpackChoice(bad); err == nil {
			t.Errorf("read %x", bad)
		}
	}
}
