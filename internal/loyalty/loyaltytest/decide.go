package loyaltytest

import (
	"errors"
	"time"

	"stempel/internal/loyalty"
)

// Result is what became of one command: a decision or a refusal.
type Result struct {
	Decision *loyalty.Decision
	Err      error
}

// Keys are those of a whole batch.
func Keys(batch []*loyalty.Command) *loyalty.Keys {
	keys := &loyalty.Keys{}
	for _, c := range batch {
		keys.Add(c)
	}
	return keys
}

// Decide decides a batch over its facts, as posting does, and brings the facts
// up to date. The ids that a command makes follow from its request, so deciding
// again makes the same ones.
func Decide(f *loyalty.Facts, batch []*loyalty.Command, now time.Time) (*loyalty.Writes, []Result) {
	w := &loyalty.Writes{}
	results := make([]Result, 0, len(batch))
	for _, c := range batch {
		decision, err := loyalty.Decide(f, c, now, IDs(string(c.Request[:])))
		if err == nil {
			f.Apply(decision)
			if c.TellsOffers() {
				decision.Short = f.Shortages(decision.Card.ID, now)
			}
			w.Add(decision)
			w.Mark(f, decision, now)
		}
		results = append(results, Result{decision, err})
	}
	return w, results
}

// Follow is what tills ask next when they met merged cards: the same of the
// survivors.
func Follow(batch []*loyalty.Command, results []Result) []*loyalty.Command {
	var next []*loyalty.Command
	for i, result := range results {
		var refusal *loyalty.Refusal
		if c := *batch[i]; errors.As(result.Err, &refusal) && refusal.Code == loyalty.CardMerged && c.Scan.Nonce != (loyalty.Nonce{}) {
			c.Follow(refusal.Card)
			next = append(next, &c)
		}
	}
	return next
}

// Post reads, decides and writes a batch.
func (b *Book) Post(batch []*loyalty.Command, now time.Time) ([]Result, error) {
	w, results := Decide(b.Read(Keys(batch)), batch, now)
	return results, b.Write(w)
}
