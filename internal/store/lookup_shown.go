package store

import (
	"slices"

	"stempel/internal/loyalty"
)

// shownPoolLookup tells of pools that nobody takes from in this batch when the last of
// their free codes ends.
var shownPoolLookup = newLookup("uuid",
	"SELECT p.reward_id, (SELECT max(c.expires_at) FROM codes c WHERE c.reward_id = p.reward_id AND c.state = 0) FROM pools p WHERE p.reward_id",
	"", (*gathering).shownPool)

// shownPool makes the map only when it is needed, as claim does.
func (g *gathering) shownPool(r source) {
	reward, end := loyalty.RewardID(r.id()), r.number()
	if end == 0 { // no code is free
		return
	}
	if g.facts.Pools == nil {
		g.facts.Pools = map[loyalty.RewardID][]loyalty.GiftCode{}
	}
	g.facts.Pools[reward] = []loyalty.GiftCode{{Reward: reward, Expires: fromCodeEnd(end)}}
}

// shown is what to ask so that answers tell what cards can have: nothing where no
// program bounds it.
type shown struct {
	tallies []loyalty.CardID // what these cards have had
	members []loyalty.CardID // and what those have who hold these
	scarce
}

func (s *shown) add(card loyalty.CardID, b *scarce) {
	if b.perCard {
		s.tallies = append(s.tallies, card)
	}
	if b.perMember { // of a card that is nobody's it counts, too
		s.tallies, s.members = append(s.tallies, card), append(s.members, card)
	}
}

// plan says what to ask at first, going by the catalogues of those who are told.
func (g *gathering) plan(k *loyalty.Keys) {
	for _, one := range k.Shown {
		c := g.programs.catalogues.get(one.Merchant)
		if c == nil {
			continue
		}
		if g.planned == nil {
			g.planned = map[loyalty.MerchantID]*catalogue{}
		}
		if g.planned[one.Merchant] == nil {
			g.planned[one.Merchant] = c
			g.shown.scarce.add(&c.all)
		}
		g.shown.add(one.Card, &g.planned[one.Merchant].all)
	}
}

// unplanned are the questions that the plan left out, because a card is of a program
// that its merchant's catalogue did not have: once for each of them. They are asked
// when all programs are known.
func (g *gathering) unplanned(k *loyalty.Keys) []question {
	found := false
	for _, one := range k.Shown {
		state := g.facts.Cards[one.Card]
		if state == nil || state.Program == nil {
			continue
		}
		m, operator := one.Merchant, state.Card.Merchant
		if m.IsZero() {
			m = operator
		}
		_, partner := g.facts.Partners[loyalty.Partnership{Program: state.Program.ID, Merchant: m}]
		b := scarceOf(state.Program)
		if b.none() || g.planned[m].knows(state.Program) || m != operator && !partner {
			continue
		}
		found = true
		g.programs.catalogues.learn(m, state.Program)
		g.shown.scarce.add(&b)
		g.shown.add(one.Card, &b)
	}
	if !found {
		return nil
	}
	asked := g.shown.questions(k)
	if cards := distinct(g.shown.tallies); len(cards) > 0 {
		asked = append(asked, question{lookup: tallyLookup, keys: cards})
	}
	if g.shown.perMember {
		g.facts.Members = nil // they are counted anew
		asked = append(asked, memberQuestions(k, &g.shown)...)
	}
	return asked
}

// questions are what to ask about stock and pools. Nothing is locked: whoever hands
// something out has named it in Keys.Rewards.
func (s *shown) questions(k *loyalty.Keys) (asked []question) {
	taken := distinct(k.Rewards)
	if keys := without(distinct(s.stock), taken); len(keys) > 0 {
		asked = append(asked, question{lookup: stockLookup, keys: keys})
	}
	if keys := without(distinct(s.pools), taken); len(keys) > 0 {
		asked = append(asked, question{lookup: shownPoolLookup, keys: keys})
	}
	return asked
}

// joined are two lists in one; the first is not touched.
func joined[T any](a, b []T) []T {
	if len(b) == 0 {
		return a
	}
	return append(slices.Clip(a), b...)
}
