// Package live tells open pages at once that a card has changed, whichever process
// changed it. What gets lost on the way costs only time: a page also asks by
// itself now and then. It must never know what a page shows, or why a card
// changed.
package live

import (
	"context"
	"crypto/rand"
	"sync"

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

	mu      sync.Mutex
	waiting map[loyalty.CardID]map[chan struct{}]struct{}
	leaving map[loyalty.CardID]struct{} // changed, and not yet told to the others
}

// New makes a hub of this process alone, if relay is nil, or of all that share it.
func New(relay Relay) *Hub {
	h := &Hub{
		relay: relay, untold: make(chan struct{}, 1),
		waiting: map[loyalty.CardID]map[chan struct{}]struct{}{}, leaving: map[loyalty.CardID]struct{}{},
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
	var both sync.WaitGroup
	both.Go(func() { h.relay.Listen(ctx, h.hear) })
	both.Go(func() {
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
	both.Wait()
}

// Wait returns a channel that holds a value as soon as the card has changed since
// the last one was taken out. Call leave when the page is closed.
func (h *Hub) Wait(card loyalty.CardID) (changed <-chan struct{}, leave func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting[card] == nil {
		h.waiting[card] = map[chan struct{}]struct{}{}
	}
	h.waiting[card][c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.waiting[card], c)
		if len(h.waiting[card]) == 0 {
			delete(h.waiting, card)
		}
	}
}

// Tell says that cards have changed. It never blocks.
func (h *Hub) Tell(cards ...loyalty.CardID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, card := range cards {
		h.wake(card)
		if h.relay != nil {
			h.leaving[card] = struct{}{}
		}
	}
	if len(h.leaving) > 0 {
		select {
		case h.untold <- struct{}{}:
		default:
		}
	}
}

// Pages is how many wait, for metrics.
func (h *Hub) Pages() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, pages := range h.waiting {
		n += len(pages)
	}
	return n
}

// wake needs the lock.
func (h *Hub) wake(card loyalty.CardID) {
	for c := range h.waiting[card] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (h *Hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for card := range h.waiting {
		h.wake(card)
	}
}

// A notice is the sender, and then the ids of cards.
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
	for card := range h.leaving {
		if len(notice) >= len(h.self)+idSize*perTrip {
			break
		}
		notice = append(notice, card[:]...)
		delete(h.leaving, card)
	}
	return notice
}

// hear wakes the pages of the cards that a notice names. Where notices may have
// been missed all pages are to look.
func (h *Hub) hear(notice []byte) {
	if notice == nil {
		h.wakeAll()
		return
	}
	if len(notice) < len(h.self) || (len(notice)-len(h.self))%idSize != 0 || [8]byte(notice) == h.self {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for ids := notice[len(h.self):]; len(ids) > 0; ids = ids[idSize:] {
		h.wake(loyalty.CardID(ids[:idSize]))
	}
}
