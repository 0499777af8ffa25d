package store

import (
	"slices"

	"stempel/internal/loyalty"
)

// shownPoolLookup tells of pools that nobody takes from in this batch when the last of
// their free codes ends.
var shownPoolLookup = newLookup("uuid",
	"SELECT p.reward_id, (SELECT max((SELECT max(c.expires_at) FROM codes c WHERE c.import_id = i.import_id AND c.state = 0)) "+
		"FROM code_imports i WHERE i.reward_id = p.reward_id AND i.state = 1) FROM pools p WHERE p.reward_id",
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
	if s.has(card, b) {
		return
	}
	s.scarce.add(b)
	if b.perCard {
		s.tallies = append(s.tallies, card)
	}
	if b.perMember { // of a card that is nobody's it counts, too
		s.tallies, s.members = append(s.tallies, card), append(s.members, card)
	}
}

// has reports whether all is asked that bounds a card's program. It compares programs,
// not the hundreds of rewards that one may have.
func (s *shown) has(card loyalty.CardID, b *scarce) bool {
	return b.none() || (!b.perCard || slices.Contains(s.tallies, card)) && (!b.perMember || slices.Contains(s.members, card)) &&
		!slices.ContainsFunc(b.of, func(one edition) bool { return !slices.Contains(s.of, one) })
}

// plan says what to ask at first, going by the catalogues of those who are told.
func (g *gathering) plan(k *loyalty.Keys) {
	for _, one := range k.Shown {
		if b := g.programs.catalogues.expect(one); b != nil {
			g.shown.add(one.Card, b)
		}
	}
}

// unplanned are the questions that the plan left out, because it knew neither the card
// nor that it may be of such a program: once for each of them, as the next plan knows.
// They are asked when all programs are known.
func (g *gathering) unplanned(k *loyalty.Keys) []question {
	if !g.programs.catalogues.any.Load() {
		return nil
	}
	found := false
	for _, one := range k.Shown {
		state := g.facts.Cards[one.Card]
		if state == nil || state.Program == nil {
			continue
		}
		_, partner := g.facts.Partners[loyalty.Partnership{Program: state.Program.ID, Merchant: one.Merchant}]
		if one.Merchant != state.Card.Merchant && !partner {
			continue
		}
		b := g.programs.catalogues.met(one, state.Program)
		found = found || !g.shown.has(one.Card, &b)
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
