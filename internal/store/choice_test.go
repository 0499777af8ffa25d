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

// What a customer may choose asks for no more than redeeming does, and locks the card
// alone, whoever asks; and what is done with a card on which nothing was chosen writes nothing about it.
func TestChoicesCostNothing(t *testing.T) {
	t.Parallel()
	asked := func(request loyalty.RequestID, do loyalty.Action) (lookups []*lookup) {
		program := loyaltytest.Points(t, func(r *loyalty.Rules) {
			r.Rewards[0].Limited, r.Rewards[0].PerCard, r.Rewards[0].PerMember = true, 1, 1
			r.Rewards[1].Limited, r.Rewards[1].RewardTerms = false, loyalty.RewardTerms{Kind: loyalty.PartnerCode}
		})
		g := newGathering(newPrograms())
		g.programs.put(programVersion{program.ID, program.Version}, program)
		keys := loyaltytest.Keys([]*loyalty.Command{{Card: loyaltytest.ID("card"), Merchant: program.Merchant, Request: request, Do: do}})
		for _, q := range g.first(keys) {
			if _, chooses := do.(loyalty.Choosing); chooses && q.lock && q.lookup != cardLookup {
				t.Errorf("choosing locks: %s", q.lookup.locking)
			}
			lookups = append(lookups, q.lookup)
		}
		return lookups
	}
	redeem := loyalty.Redemption{Reward: loyaltytest.Cone}
	choosing, redeeming := asked(loyalty.RequestID{}, loyalty.Choosing{Redemption: redeem}), asked(loyalty.RequestID{1}, redeem)
	for _, l := range []*lookup{stockLookup, tallyLookup, memberTallyLookup, shownPoolLookup} {
		if !slices.Contains(choosing, l) {
			t.Errorf("choosing does not ask: %s", l.postgres)
		}
	}
	if len(choosing) > len(redeeming) {
		t.Errorf("choosing asks %d questions, redeeming %d", len(choosing), len(redeeming))
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
