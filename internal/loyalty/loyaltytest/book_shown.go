package loyaltytest

import (
	"slices"

	"stempel/internal/loyalty"
)

func isShown(keys *loyalty.Keys, card loyalty.CardID) bool {
	return slices.ContainsFunc(keys.Shown, func(s loyalty.Shown) bool { return s.Card == card })
}

// readShown adds what is left of the rewards that cards are shown with, as far as
// readPools and the stock of Keys.Rewards have not.
func (b *Book) readShown(f *loyalty.Facts, keys *loyalty.Keys) {
	for id, state := range f.Cards {
		if !isShown(keys, id) {
			continue
		}
		for _, r := range state.Program.Rewards {
			if slices.Contains(keys.Rewards, r.ID) {
				continue
			}
			if left, counted := b.Stock[r.ID]; counted && r.Limited {
				f.Stock[r.ID] = left
			}
			if last := b.lastCode(r.ID); last != nil {
				if f.Pools == nil {
					f.Pools = map[loyalty.RewardID][]loyalty.GiftCode{}
				}
				f.Pools[r.ID] = []loyalty.GiftCode{{Reward: r.ID, Expires: last.Expires}}
			}
		}
	}
}

// lastCode is the free code of a reward that ends last; nil without any.
func (b *Book) lastCode(reward loyalty.RewardID) (last *loyalty.GiftCode) {
	for i := range b.Codes {
		c := &b.Codes[i]
		if c.Reward == reward && c.State == loyalty.CodeFree && (last == nil || firstToGo(*last, *c) < 0) {
			last = c
		}
	}
	return last
}
