package guard

import (
	"slices"
	"sync"
	"time"

	"stempel/internal/loyalty"
)

const (
	// longestWindow of a limit.
	longestWindow = time.Hour
	// mostPaces bounds one half of what is counted. An attack with more cards than
	// that makes the counts of others begin anew, no more.
	mostPaces = 1 << 14
)

// paces count the actions of one process against limits: each is remembered with its
// time until the limit's window has passed it, so that there is room again at a time
// that can be told.
type paces struct {
	now func() time.Time

	mu   sync.Mutex
	kept generations[paceKey, []action]
}

type paceKey struct {
	merchant loyalty.MerchantID
	limit    loyalty.Limit
	of       [16]byte
}

type action struct {
	owner loyalty.RequestID
	at    time.Time
	again bool // a second attempt rests on it, and may have succeeded: it stays
}

func newPaces(now func() time.Time) *paces {
	return &paces{now: now, kept: generations[paceKey, []action]{life: longestWindow, most: mostPaces}}
}

// undo takes back what was counted and did not happen, unless another attempt has
// come upon it since.
func (p *paces) undo(undone *loyalty.Paced) {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range undone.Counts {
		key := paceKey{undone.Merchant, c.Limit, c.Of}
		if actions, ok := p.kept.get(key, now); ok {
			p.kept.put(key, slices.DeleteFunc(actions, func(a action) bool { return a.owner == undone.Owner && !a.again }), now)
		}
	}
}

// ask counts an action, unless a limit is reached that no manager lifts.
func (p *paces) ask(paced *loyalty.Paced) loyalty.Reached {
	var reached loyalty.Reached
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := make([][]action, len(paced.Counts))
	for i, c := range paced.Counts {
		actions, _ := p.kept.get(paceKey{paced.Merchant, c.Limit, c.Of}, now)
		gone := 0
		for gone < len(actions) && !actions[gone].at.Add(c.Window).After(now) {
			gone++
		}
		if fresh[i] = actions[gone:]; by(fresh[i], paced.Owner) >= 0 {
			continue
		}
		if over := len(fresh[i]) - int(c.Most); over >= 0 {
			reached.Limits = reached.Limits.With(c.Limit)
			if until := fresh[i][over].at.Add(c.Window); until.After(reached.Until) {
				reached.Until = until
			}
		}
	}
	if reached.Refuses(paced) {
		return reached
	}
	for i, c := range paced.Counts {
		if before := by(fresh[i], paced.Owner); before >= 0 {
			fresh[i][before].again = true
		} else {
			fresh[i], reached.Counted = append(fresh[i], action{owner: paced.Owner, at: now}), reached.Counted.With(c.Limit)
		}
		p.kept.put(paceKey{paced.Merchant, c.Limit, c.Of}, fresh[i], now)
	}
	return reached
}

// by is which action is the owner's; −1: none.
func by(actions []action, owner loyalty.RequestID) int {
	return slices.IndexFunc(actions, func(a action) bool { return a.owner == owner })
}
