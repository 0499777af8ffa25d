package store

import (
	"sync"

	"stempel/internal/loyalty"
)

// homes remembers of which programs the cards are that this process has seen lately. No
// card changes its program, so nothing here is ever wrong, and whatever was forgotten
// costs a few questions.
type homes struct {
	mu         sync.RWMutex
	young, old map[loyalty.CardID]loyalty.ProgramID
}

// mostHomes is how many cards each of the two halves remembers, which is a few MB for
// both: when the young one is full the old one is forgotten.
const mostHomes = 20_000

func (h *homes) get(card loyalty.CardID) (program loyalty.ProgramID, seen bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if program, seen = h.young[card]; !seen {
		program, seen = h.old[card]
	}
	return program, seen
}

func (h *homes) put(card loyalty.CardID, program loyalty.ProgramID) {
	if h.isYoung(card) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.young == nil || len(h.young) >= mostHomes {
		h.young, h.old = map[loyalty.CardID]loyalty.ProgramID{}, h.young
	}
	h.young[card] = program
}

func (h *homes) isYoung(card loyalty.CardID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, young := h.young[card]
	return young
}
