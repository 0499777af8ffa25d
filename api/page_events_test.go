package api

import (
	"testing"

	"stempel/internal/loyalty"
)

// A card has so many streams, and so have all of them; a page that leaves makes room.
func TestRoomForStreams(t *testing.T) {
	t.Parallel()
	var all streams
	r := &all.pages
	card := func(n int) loyalty.CardID { return loyalty.CardID{byte(n), byte(n >> 8)} }
	for i := range streamsOfOne {
		if !r.enter(card(0)) {
			t.Fatalf("no room for page %d of a card", i)
		}
	}
	if r.enter(card(0)) {
		t.Error("a card has one page too many")
	}
	for i := range streamsInAll - streamsOfOne {
		if !r.enter(card(1 + i)) {
			t.Fatalf("no room for card %d", i)
		}
	}
	if r.enter(card(streamsInAll)) {
		t.Error("the process has one page too many")
	}
	if !all.tills.enter(loyalty.TillID{}) {
		t.Error("customers' pages leave no room for a till")
	}
	r.leave(card(0))
	if !r.enter(card(streamsInAll)) || r.enter(card(0)) {
		t.Error("who left made no room, or too much")
	}
	for range streamsOfOne - 1 {
		r.leave(card(0))
	}
	for i := range streamsInAll - streamsOfOne {
		r.leave(card(1 + i))
	}
	r.leave(card(streamsInAll))
	if r.all != 0 || len(r.open) != 0 {
		t.Errorf("%d streams of %d cards are left of none", r.all, len(r.open))
	}
}
