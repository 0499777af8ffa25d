package whatif

import (
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/rules"
)

// Question is what somebody wants to know.
type Question struct {
	Current  *loyalty.Program
	Rules    loyalty.Rules // the changed ones
	From, To time.Time     // of the postings that the changed rules decide; both included
	Top      int           // so many winners and losers are named, 1 to MaxTop
	Value    *UnitValue    // nil: not known

	Entries  int64         // no more cards are begun after so many; 0: all
	Patience time.Duration // nor after so long; 0: all
}

// MaxTop is how many winners and losers a report names at most.
const MaxTop = 100

// Complete fills in what was not said of the span: the year before To, and To is now.
// Errors: a *loyalty.FieldError.
func (q *Question) Complete(now time.Time) error {
	bad := func(field, problem string) error { return &loyalty.FieldError{Field: field, Problem: problem} }
	if q.To.IsZero() {
		q.To = now
	}
	if q.From.IsZero() {
		q.From = q.To.AddDate(-1, 0, 0)
	}
	switch v := q.Value; {
	case q.To.After(now):
		return bad("to", "must not lie in the future")
	case q.From.After(q.To):
		return bad("from", "must not come after to")
	case q.Top < 1 || q.Top > MaxTop:
		return bad("top", "must lie between 1 and 100")
	case v != nil && (v.Units < 1 || v.Units > loyalty.MaxUnits):
		return bad("unit_value.units", "must be at least 1")
	case v != nil && (v.Amount < 0 || v.Amount > loyalty.MaxAmount):
		return bad("unit_value.amount", "is out of range")
	}
	return nil
}

// changed is the program that the changed rules would make of it: what could not be
// published while there are cards cannot be replayed.
func (q *Question) changed() (*loyalty.Program, error) {
	p := &loyalty.Program{ID: q.Current.ID, Merchant: q.Current.Merchant, Version: q.Current.Version + 1, Rules: q.Rules}
	if err := rules.Compile(p); err != nil {
		return nil, err
	}
	return p, q.Current.CheckNext(&q.Rules, true)
}

// RewardName is what a reward is called now, or would be; "" for one that is gone.
func (q *Question) RewardName(id loyalty.RewardID) string {
	for _, r := range []*loyalty.Rules{&q.Current.Rules, &q.Rules} {
		if reward, ok := r.Reward(id); ok {
			return reward.Name
		}
	}
	return ""
}
