package api

import (
	"testing"

	"stempel/internal/loyalty"
)

// A card has so many streams, and so has the process; a page that leaves makes room.
func TestRoomForStreams(t *testing.T) {
	t.Parallel()
	var s streams
	card := func(n int) loyalty.CardID { return loyalty.CardID{byte(n), byte(n >> 8)} }
	for i := range streamsPerCard {
		if !s.enter(card(0)) {
			t.Fatalf("no room for page %d of a card", i)
		}
	}
	if s.enter(card(0)) {
		t.Error("a card has one page too many")
	}
	for i := range streamsInAll - streamsPerCard {
		if !s.enter(card(1 + i)) {
			t.Fatalf("no room for card %d", i)
		}
	}
	if s.enter(card(streamsInAll)) {
		t.Error("the process has one page too many")
	}
	s.leave(card(0))
	if !s.enter(card(streamsInAll)) || s.enter(card(0)) {
		t.Error("who left made no room, or too much")
	}
	for range streamsPerCard - 1 {
		s.leave(card(0))
	}
	for i := range streamsInAll - streamsPerCard {
		s.leave(card(1 + i))
	}
	s.leave(card(streamsInAll))
	if s.all != 0 || len(s.open) != 0 {
		t.Errorf("%d streams of %d cards are left of none", s.all, len(s.open))
	}
}
