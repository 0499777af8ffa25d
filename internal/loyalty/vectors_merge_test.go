package loyalty_test

import (
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

var vectorEnded = loyalty.CardID(loyaltytest.ID("vector card that ended"))

// mergedChains are a card with 7 stamps that ended, and its survivor, which they
// fill.
func mergedChains() (ended, survivor []loyalty.Entry) {
	at := time.Date(2026, 11, 21, 10, 30, 0, 0, time.UTC)
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector merge " + name)) }
	ended = chained(vectorEnded,
		loyalty.Entry{ID: id("theirs"), Kind: loyalty.Opening, Units: 7, Captured: at, Posted: at},
		loyalty.Entry{ID: id("gone"), Kind: loyalty.Merge, Units: -7, Captured: at, Posted: at, Origin: id("come")},
	)
	survivor = chained(vectorCard,
		loyalty.Entry{ID: id("ours"), Kind: loyalty.Opening, Units: 4, Captured: at, Posted: at},
		loyalty.Entry{
			ID: id("come"), Kind: loyalty.Merge, Units: 7, Captured: at, Posted: at,
			Origin: id("gone"), Commitment: ended[1].Hash,
		},
		loyalty.Entry{ID: id("full"), Kind: loyalty.Complete, Units: -10, Captured: at, Posted: at, Origin: id("come")},
	)
	return ended, survivor
}

// addMerges adds the cases of merged cards.
func addMerges(add func(card loyalty.CardID, name string, brokenAt int, entries []loyalty.Entry)) {
	ended, survivor := mergedChains()
	add(vectorEnded, "a card that ended with a merge", 0, ended)
	add(vectorCard, "the card that it was merged into", 0, survivor)
	add(vectorEnded, "a merge that leaves something on the card that ended", 2, func(e []loyalty.Entry) []loyalty.Entry {
		e[1].Units = -6
		return relink(rebalance(e))
	}(slices.Clone(ended)))
	add(vectorEnded, "an entry behind the end of a card", 3, chained(vectorEnded, append(slices.Clone(ended), loyalty.Entry{
		ID: loyalty.EntryID(loyaltytest.ID("vector merge too late")), Kind: loyalty.Adjust, Units: 1,
		Captured: ended[1].Posted, Posted: ended[1].Posted,
	})...))
	add(vectorCard, "a merge that names no other", 2, func(e []loyalty.Entry) []loyalty.Entry {
		e[1].Origin = loyalty.EntryID{}
		return relink(e)
	}(slices.Clone(survivor)))
}
