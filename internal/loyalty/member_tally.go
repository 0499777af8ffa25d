package loyalty

// MemberTallies are how often a member has had each reward, less what was given back:
// with the cards that are the member's now, and with others while they were. What a
// card had before it became the member's came along with it.
type MemberTallies map[RewardID]int64

// applyTallies counts what a decision hands out or takes back.
func (f *Facts) applyTallies(d *Decision) {
	state := f.Cards[d.Card.ID]
	if !state.Member.IsZero() || d.From != nil {
		f.countMembers(d, state)
	}
	for _, t := range d.Tallies {
		if state.Tallies == nil {
			state.Tallies = map[RewardID]int64{}
		}
		state.Tallies[t.Reward] = t.Count
	}
}

// countMembers counts the same for members. A merge hands out nothing: it brings to
// the survivor's member what another's card, or nobody's, has had, and a survivor that
// is nobody's to the other card's member.
func (f *Facts) countMembers(d *Decision, state *State) {
	counted := MemberTallies{}
	for _, t := range d.Tallies {
		counted[t.Reward] = t.Count - state.Tallies[t.Reward]
	}
	if d.From != nil {
		switch from := f.Cards[d.From.Card.ID].Member; {
		case from.IsZero():
		case from == state.Member:
			return
		case state.Member.IsZero():
			state.Member, counted = from, state.Tallies
		}
	}
	if state.Member.IsZero() || len(counted) == 0 {
		return
	}
	if f.Members == nil {
		f.Members = map[MemberID]MemberTallies{}
	}
	if f.Members[state.Member] == nil {
		f.Members[state.Member] = MemberTallies{}
	}
	for reward, n := range counted {
		f.Members[state.Member][reward] += n
	}
}
