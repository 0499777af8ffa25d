// Package live tells open pages at once that a card has changed, or what many cards
// show, whichever process changed it. What gets lost on the way costs only time: a page also asks by
// itself now and then. It must never know what a page shows, or why a card
// changed.
package live

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"stempel/internal/loyalty"
)

// Relay carries notices to the other processes; internal/guard has one on Redis.
type Relay interface {
	// Publish sends a notice to every process, this one too, that listens now.
	Publish(ctx context.Context, notice []byte) error
	// Listen calls hear for each notice until ctx ends, and with nil where some may
	// have been missed.
	Listen(ctx context.Context, hear func(notice []byte))
}

// Hub is where pages wait for changes of their card. Make it with New.
type Hub struct {
	relay  Relay
	self   [8]byte       // begins our own notices: we need not hear them
	untold chan struct{} // there is something in leaving
	missed chan struct{} // notices were: all pages are to look

	mu      sync.Mutex
	pages   int // that wait
	waiting map[[idSize]byte]map[chan struct{}]struct{}
	leaving map[[idSize]byte]struct{} // changed, and not yet told to the others
}

// New makes a hub of this process alone, if relay is nil, or of all that share it.
func New(relay Relay) *Hub {
	h := &Hub{
		relay: relay, untold: make(chan struct{}, 1), missed: make(chan struct{}, 1),
		waiting: map[[idSize]byte]map[chan struct{}]struct{}{}, leaving: map[[idSize]byte]struct{}{},
	}
	_, _ = rand.Read(h.self[:]) // it never fails
	return h
}

// Run passes notices on between the processes until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	if h.relay == nil {
		<-ctx.Done()
		return
	}
	var parts sync.WaitGroup
	parts.Go(func() { h.relay.Listen(ctx, h.hear) })
	parts.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-h.missed:
				h.wakeAll(ctx)
			}
		}
	})
	parts.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-h.untold:
			}
			for notice := h.notice(); notice != nil && ctx.Err() == nil; notice = h.notice() {
				_ = h.relay.Publish(ctx, notice) // those who miss it ask by themselves
			}
		}
	})
	parts.Wait()
}

// Wait returns a channel that holds a value as soon as anything of what the page shows
// (a card, its program, its merchant) has changed since the last one was taken out. Call leave when the page is closed.
func (h *Hub) Wait(shown ...[idSize]byte) (changed <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages++
	for _, id := range shown {
		if h.waiting[id] == nil {
			h.waiting[id] = map[chan struct{}]struct{}{}
		}
		h.waiting[id][c] = struct{}{}
	}
	return c, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.pages--
		for _, id := range shown {
			delete(h.waiting[id], c)
			if len(h.waiting[id]) == 0 {
				delete(h.waiting, id)
			}
		}
	})
}

// Tell says that cards have changed. It never blocks.
func (h *Hub) Tell(cards ...loyalty.CardID) {
	for _, card := range cards {
		h.TellAll(card)
	}
}

// TellAll says that something has changed that many cards show: a program, or a
// merchant. It never blocks.
func (h *Hub) TellAll(of [idSize]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake(of)
	if h.relay != nil {
		h.leaving[of] = struct{}{}
	}
	if len(h.leaving) > 0 {
		poke(h.untold)
	}
}

// Pages is how many wait, for metrics.
func (h *Hub) Pages() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pages
}

// wake needs the lock.
func (h *Hub) wake(id [idSize]byte) {
	for c := range h.waiting[id] {
		poke(c)
	}
}

// poke leaves word in a channel that holds at most one.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Pages that are all to look would ask the database at once: they are woken a few at
// a time, all of them within about spread.
const (
	spread   = 8 * time.Second
	together = 50 // that are woken at once, at least
	steps    = 100
)

func (h *Hub) wakeAll(ctx context.Context) {
	all := h.everybody()
	for few := range slices.Chunk(all, max(together, len(all)/steps)) {
		for _, c := range few {
			poke(c)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(spread / steps):
		}
	}
}

// everybody are the channels of all pages, each once.
func (h *Hub) everybody() []chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make(map[chan struct{}]struct{}, h.pages)
	for _, pages := range h.waiting {
		maps.Copy(all, pages)
	}
	return slices.Collect(maps.Keys(all))
}

// A notice is the sender, and then the ids of what changed.
const (
	idSize  = len(loyalty.CardID{})
	perTrip = 1000
)

func (h *Hub) notice() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.leaving) == 0 {
		return nil
	}
	notice := append(make([]byte, 0, len(h.self)+idSize*min(len(h.leaving), perTrip)), h.self[:]...)
	for id := range h.leaving {
		if len(notice) >= len(h.self)+idSize*perTrip {
			break
		}
		notice = append(notice, id[:]...)
		delete(h.leaving, id)
	}
	return notice
}

// hear wakes the pages of the cards that a notice names. Where notices may have
// been missed all pages are to look, one after the other.
func (h *Hub) hear(notice []byte) {
	if notice == nil {
		poke(h.missed)
		return
	}
	if len(notice) < len(h.self) || (len(notice)-len(h.self))%idSize != 0 || [8]byte(notice) == h.self {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for ids := notice[len(h.self):]; len(ids) > 0; ids = ids[idSize:] {
		h.wake([idSize]byte(ids[:idSize]))
	}
}
