package webhooks

import (
	"sync"

	"stempel/internal/loyalty"
)

// How many deliveries run at once. A merchant whose servers are slow takes up its
// own share and no one else's, however many webhooks it has.
const (
	perProcess  = 64
	perMerchant = 16
	perWebhook  = 8
)

// turns shares the room for deliveries out. Each place goes to the merchant that
// has the fewest, and of its webhooks to the one that has the fewest; among equals
// to the one whose last turn is longest ago. So while all places are taken, those
// that come free go round.
type turns struct {
	mu        sync.Mutex
	taken     int
	count     int64 // of turns given
	merchants parties[loyalty.MerchantID]
	webhooks  parties[loyalty.WebhookID]
}

// party has places, and had its last turn as the turns-th of all; 0: not lately.
type party struct {
	taken int
	last  int64
}

type parties[ID comparable] map[ID]party

func newTurns() *turns {
	return &turns{merchants: parties[loyalty.MerchantID]{}, webhooks: parties[loyalty.WebhookID]{}}
}

// take gives all the room there is to these webhooks, and returns how much each
// has got. Give back what is not used.
func (t *turns) take(due []loyalty.Webhook) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(due)
	rooms := make([]int, len(due))
	for t.taken < perProcess {
		next := t.next(due)
		if next < 0 {
			break
		}
		rooms[next]++
		t.give(&due[next], 1)
	}
	return rooms
}

// keep drops who is not among these and has no place.
func (t *turns) keep(waiting []loyalty.Webhook) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(waiting)
}

// one gives the next turn to one of these, who takes no place for it: so turns go
// round.
func (t *turns) one(waiting []loyalty.Webhook) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.next(waiting)
	t.give(&waiting[next], 0)
	return next
}

// give makes a webhook the last to have had a turn.
func (t *turns) give(w *loyalty.Webhook, places int) {
	t.taken += places
	t.count++
	t.merchants.add(w.Merchant, places, t.count)
	t.webhooks.add(w.ID, places, t.count)
}

// next is whose turn it is; -1: nobody may have more.
func (t *turns) next(due []loyalty.Webhook) int {
	best := -1
	for i := range due {
		if t.merchants[due[i].Merchant].taken >= perMerchant || t.webhooks[due[i].ID].taken >= perWebhook {
			continue
		}
		if best < 0 || t.before(&due[i], &due[best]) {
			best = i
		}
	}
	return best
}

func (t *turns) before(a, b *loyalty.Webhook) bool {
	if a.Merchant != b.Merchant {
		return t.merchants[a.Merchant].before(t.merchants[b.Merchant])
	}
	return t.webhooks[a.ID].before(t.webhooks[b.ID])
}

func (p party) before(q party) bool {
	if p.taken != q.taken {
		return p.taken < q.taken
	}
	return p.last < q.last
}

// giveBack ends some of a webhook's deliveries.
func (t *turns) giveBack(w *loyalty.Webhook, room int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken -= room
	t.merchants.add(w.Merchant, -room, t.merchants[w.Merchant].last)
	t.webhooks.add(w.ID, -room, t.webhooks[w.ID].last)
}

// forget drops who has no place and waits for none.
func (t *turns) forget(due []loyalty.Webhook) {
	merchants, webhooks := map[loyalty.MerchantID]bool{}, map[loyalty.WebhookID]bool{}
	for i := range due {
		merchants[due[i].Merchant], webhooks[due[i].ID] = true, true
	}
	t.merchants.keep(merchants)
	t.webhooks.keep(webhooks)
}

func (p parties[ID]) add(id ID, places int, turn int64) {
	p[id] = party{p[id].taken + places, turn}
}

func (p parties[ID]) keep(waiting map[ID]bool) {
	for id, one := range p {
		if one.taken == 0 && !waiting[id] {
			delete(p, id)
		}
	}
}
