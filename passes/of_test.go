package passes

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A face does not promise a reward to somebody whom it is not for, however many points
// the card has; a voucher that was earned is its holder's.
func TestReadyForWhom(t *testing.T) {
	t.Parallel()
	program := loyaltytest.Points(t, func(r *loyalty.Rules) { r.Rewards[0].Only.Tags = []string{"parents"} })
	card := loyaltytest.Card(program, "anna", func(c *loyalty.Card) { c.Balance, c.Lifetime = 300, 300 })
	for name, want := range map[string][]loyalty.RewardID{
		"":        {loyaltytest.Machine},
		"friends": {loyaltytest.Machine},
		"parents": {loyaltytest.Topping, loyaltytest.Machine},
	} {
		s := Subject{Program: program, Card: &card, Now: loyaltytest.Now}
		if name != "" {
			s.Holder.Labels = loyalty.Labels(name)
		}
		var got []loyalty.RewardID
		for _, ready := range readyOf(&s) {
			got = append(got, ready.Reward)
		}
		if len(got) != len(want) || got[0] != want[0] {
			t.Errorf("%q is promised %v, want %v", name, got, want)
		}
	}
}
