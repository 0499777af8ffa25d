package loyalty_test

import (
	"errors"
	"fmt"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A limit per member holds for all cards of a member together, within a batch and from
// one to the next; a card that is nobody's stands for itself.
func TestRedeemLimitPerMember(t *testing.T) {
	t.Parallel()
	const anna, second, berta, nobody = "anna", "second", "berta", "nobody"
	redeem, void, merge := "redeem", "void", "merge"
	type step struct {
		card, do, other string
		code            loyalty.Code
	}
	tests := map[string][]step{
		"two cards of one": {{anna, redeem, "", ""}, {second, redeem, "", ""}, {anna, redeem, "", loyalty.RewardLimitReached}, {second, redeem, "", loyalty.RewardLimitReached}},
		"another member":   {{anna, redeem, "", ""}, {anna, redeem, "", ""}, {berta, redeem, "", ""}, {second, redeem, "", loyalty.RewardLimitReached}},
		"nobody's":         {{anna, redeem, "", ""}, {anna, redeem, "", ""}, {nobody, redeem, "", ""}, {nobody, redeem, "", ""}, {nobody, redeem, "", loyalty.RewardLimitReached}},
		"a void gives back": {
			{anna, redeem, "", ""}, {second, redeem, "", ""}, {second, void, "", ""}, {anna, redeem, "", ""}, {second, redeem, "", loyalty.RewardLimitReached},
		},
		"merging two of one doubles nothing": {{anna, redeem, "", ""}, {anna, merge, second, ""}, {second, redeem, "", ""}, {second, redeem, "", loyalty.RewardLimitReached}},
		"nobody's comes along":               {{nobody, redeem, "", ""}, {second, redeem, "", ""}, {nobody, merge, anna, ""}, {second, redeem, "", loyalty.RewardLimitReached}},
		"to nobody's":                        {{nobody, redeem, "", ""}, {second, redeem, "", ""}, {anna, merge, nobody, ""}, {nobody, redeem, "", loyalty.RewardLimitReached}, {second, redeem, "", loyalty.RewardLimitReached}},
		"into another's both have had it":    {{anna, redeem, "", ""}, {berta, redeem, "", ""}, {anna, merge, berta, ""}, {berta, redeem, "", loyalty.RewardLimitReached}, {second, redeem, "", ""}, {second, redeem, "", loyalty.RewardLimitReached}},
	}
	for name, steps := range tests {
		for _, together := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, together), func(t *testing.T) {
				t.Parallel()
				book := loyaltytest.NewBook()
				program := loyaltytest.Program(t, func(r *loyalty.Rules) { r.Rewards[0].PerMember = 2 })
				till := loyaltytest.Till(t, "front")
				book.Programs[program.ID], book.Tills[till.ID] = program, till
				cards := map[string]loyalty.CardID{}
				for who, holder := range map[string]string{anna: anna, second: anna, berta: berta, nobody: ""} {
					card := loyaltytest.Card(program, who)
					cards[who], book.Cards[card.ID] = card.ID, card
					if holder != "" {
						book.Holders[card.ID] = loyaltytest.ID(holder)
					}
				}
				var batch []*loyalty.Command
				var want []loyalty.Code
				asked := 0
				ask := func(s step, do loyalty.Action) {
					asked++
					c := loyaltytest.Command(fmt.Sprint(name, " ", asked), cards[s.card], till, loyaltytest.Now, do, loyaltytest.Approved(loyalty.Manager))
					batch, want = append(batch, c), append(want, s.code)
				}
				post := func() {
					t.Helper()
					results, err := book.Post(batch, loyaltytest.Now)
					if err != nil {
						t.Fatal(err)
					}
					for i, r := range results {
						var refusal *loyalty.Refusal
						if r.Err == nil != (want[i] == "") || r.Err != nil && (!errors.As(r.Err, &refusal) || refusal.Code != want[i]) {
							t.Errorf("%d, %T: got %v, want %q", i, batch[i].Do, r.Err, want[i])
						}
					}
					batch, want = nil, nil
				}
				for who := range cards {
					ask(step{card: who}, loyalty.Earning{Units: 50})
				}
				post()
				for _, s := range steps {
					switch s.do {
					case redeem:
						ask(s, loyalty.Redemption{Reward: loyaltytest.Cone})
					case merge:
						ask(s, loyalty.Merger{Into: cards[s.other]})
					case void:
						post() // the entry is looked up
						entries := book.Entries[cards[s.card]]
						last := entries[len(entries)-1]
						ask(s, loyalty.Reversal{Entry: last.ID, Reward: last.Reward})
					}
					if !together {
						post()
					}
				}
				post()
			})
		}
	}
}
