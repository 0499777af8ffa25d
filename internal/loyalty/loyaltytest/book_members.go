package loyaltytest

import (
	"slices"

	"stempel/internal/loyalty"
)

// readMembers adds whose the cards are of which tallies are asked, and what those
// members have had.
func (b *Book) readMembers(f *loyalty.Facts, keys *loyalty.Keys) {
	for id, state := range f.Cards {
		holder := b.Holders[id]
		if holder.IsZero() || !slices.Contains(keys.Tallies, id) && !isShown(keys, id) {
			continue
		}
		state.Member = holder
		if had := b.Had(holder); len(had) > 0 {
			if f.Members == nil {
				f.Members = map[loyalty.MemberID]loyalty.MemberTallies{}
			}
			f.Members[holder] = had
		}
	}
}

// Had is how often a member has had each reward.
func (b *Book) Had(member loyalty.MemberID) loyalty.MemberTallies {
	had := loyalty.MemberTallies{}
	for key, count := range b.Tallies {
		if b.Holders[key.Card] == member && b.Cards[key.Card].MergedInto.IsZero() {
			had[key.Reward] += count
		}
	}
	for key, count := range b.Former {
		if key.Member == member {
			had[key.Reward] += count
		}
	}
	return had
}

// writeMembers has what members have had follow merges.
func (b *Book) writeMembers(w *loyalty.Writes) {
	for _, m := range w.Merged {
		holder, other := b.Holders[m.Into], b.Holders[m.From]
		if holder.IsZero() && !other.IsZero() {
			b.Holders[m.Into], holder = other, other
		}
		for key, count := range b.Tallies {
			if key.Card == m.From && !other.IsZero() && other != holder {
				b.Former[FormerKey{other, TallyKey{m.Into, key.Reward}}] += count
			}
		}
		for key, count := range b.Former {
			if key.Card == m.From {
				b.Former[FormerKey{key.Member, TallyKey{m.Into, key.Reward}}] += count
				b.Former[key] = 0
			}
		}
		for key := range b.Former {
			if key.Card == m.Into && key.Member == holder {
				b.Former[key] = 0
			}
		}
	}
}
