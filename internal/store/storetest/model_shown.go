package storetest

import (
	"maps"
	"slices"

	"stempel/internal/loyalty"
)

// onlyShown leaves of the facts of a card that is only shown what bounds its program's
// rewards: a store may read more, because it asks before it knows the program.
func onlyShown(s *loyalty.State, k *loyalty.Keys) {
	if slices.Contains(k.Tallies, s.Card.ID) {
		return
	}
	byMember := false
	s.Tallies = maps.Clone(s.Tallies)
	maps.DeleteFunc(s.Tallies, func(id loyalty.RewardID, _ int64) bool {
		r, known := s.Program.Reward(id)
		return !known || r.PerCard == 0 && r.PerMember == 0
	})
	for _, r := range s.Program.Rewards {
		byMember = byMember || r.PerMember > 0
	}
	if !byMember {
		s.Member = loyalty.MemberID{}
	}
}

// onlyWanted leaves of stock, pools and members what somebody hands out or is shown.
func onlyWanted(f *loyalty.Facts, k *loyalty.Keys) {
	shown := map[loyalty.RewardID]bool{}
	for _, id := range k.Rewards {
		shown[id] = true
	}
	holders := map[loyalty.MemberID]bool{}
	for _, s := range f.Cards {
		holders[s.Member] = true
		for _, r := range s.Program.Rewards {
			shown[r.ID] = shown[r.ID] || r.IsBounded()
		}
	}
	f.Stock, f.Pools, f.Members = maps.Clone(f.Stock), maps.Clone(f.Pools), maps.Clone(f.Members)
	maps.DeleteFunc(f.Stock, func(id loyalty.RewardID, _ int64) bool { return !shown[id] })
	maps.DeleteFunc(f.Pools, func(id loyalty.RewardID, _ []loyalty.GiftCode) bool { return !shown[id] })
	maps.DeleteFunc(f.Members, func(id loyalty.MemberID, _ loyalty.MemberTallies) bool { return !holders[id] })
	if len(f.Pools) == 0 {
		f.Pools = nil
	}
	if len(f.Members) == 0 {
		f.Members = nil
	}
}
