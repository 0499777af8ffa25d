package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"stempel/internal/loyalty"
)

// CardsThere says which of these cards there are, whoever they belong to.
func (s *Store) CardsThere(ctx context.Context, cards []loyalty.CardID) (map[loyalty.CardID]bool, error) {
	there := make(map[loyalty.CardID]bool, len(cards))
	for part := range slices.Chunk(cards, maxKeys) {
		keys := make([]uid, len(part))
		for i, id := range part {
			keys[i] = uid(id)
		}
		found, err := all(s.engine.reader().WithContext(ctx).Table("cards AS c").Select("c.id").Where("c.id IN ?", keys),
			func(r source) loyalty.CardID { return r.id() })
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			there[id] = true
		}
	}
	return there, nil
}

// maxKeys is how many keys one question has here.
const maxKeys = 500

// MoveIn stores cards that come from another system, with what they begin with,
// in one transaction. A card whose id is there already stays as it is; fresh says
// which ones were not. Of two with the same id the first counts.
//
// Errors: as of Post. After ErrOutcomeUnknown the same call may be made again,
// and tells as not fresh what was stored.
func (s *Store) MoveIn(ctx context.Context, cards []*loyalty.Decision) (fresh []bool, err error) {
	if len(cards) == 0 {
		return nil, nil
	}
	// Usually none is there. Whether that is so is asked only when it is not.
	there := map[loyalty.CardID]bool{}
	for range maxAttempts {
		fresh, err = s.moveIn(ctx, cards, maps.Clone(there))
		if errors.Is(err, loyalty.ErrConflict) { // moved in before, or by somebody else right now
			var asked error
			if there, asked = s.CardsThere(ctx, idsOf(cards)); asked != nil {
				return nil, asked
			}
			continue
		}
		if !isAgain(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

func idsOf(cards []*loyalty.Decision) []loyalty.CardID {
	ids := make([]loyalty.CardID, len(cards))
	for i, d := range cards {
		ids[i] = d.Card.ID
	}
	return ids
}

// moveIn stores those that are not there.
func (s *Store) moveIn(ctx context.Context, all []*loyalty.Decision, there map[loyalty.CardID]bool) (fresh []bool, err error) {
	fresh = make([]bool, len(all))
	cards := make([]loyalty.Card, 0, len(all))
	var rest loyalty.Writes
	for i, d := range all {
		if !there[d.Card.ID] {
			there[d.Card.ID], fresh[i] = true, true
			cards = append(cards, d.Card)
			rest.Entries = append(rest.Entries, d.Entries...)
			rest.Issued = append(rest.Issued, d.Issued...)
		}
	}
	if len(cards) == 0 {
		return fresh, nil
	}
	// Ids are random: in their order, neighbours go to the same page of an index.
	slices.SortFunc(cards, func(a, b loyalty.Card) int { return a.ID.Compare(b.ID) })
	slices.SortStableFunc(rest.Entries, func(a, b loyalty.Entry) int { return a.Card.Compare(b.Card) })
	return fresh, s.engine.bulk(ctx, func(ctx context.Context, to changes) error {
		w := writing{ctx: ctx, to: to}
		add(&w, insertCards, cards, putCard)
		add(&w, insertEnrolments, cards, putEnrolment)
		if w.err != nil {
			return w.err
		}
		return write(ctx, to, &rest)
	})
}
