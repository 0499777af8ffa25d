package webhooks

import (
	"fmt"
	"testing"

	"stempel/internal/loyalty"
)

// shops are webhooks of merchants: so many of each.
func shops(counts ...int) []loyalty.Webhook {
	var due []loyalty.Webhook
	for _, count := range counts {
		merchant := loyalty.MerchantID(loyalty.NewID())
		for range count {
			due = append(due, loyalty.Webhook{ID: loyalty.NewID(), Merchant: merchant})
		}
	}
	return due
}

// Room is shared out evenly, within the bounds of webhooks and merchants.
func TestRoomIsShared(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		due  []loyalty.Webhook
		want []int
	}{
		"nobody":                       {nil, []int{}},
		"one webhook":                  {shops(1), []int{8}},
		"one merchant with three":      {shops(3), []int{6, 5, 5}},
		"one with many, one with one":  {shops(4, 1), []int{4, 4, 4, 4, 8}},
		"more merchants than fit full": {shops(2, 2, 2, 2, 1), []int{7, 7, 7, 7, 7, 7, 7, 7, 8}},
	} {
		rooms := newTurns().take(tt.due)
		if fmt.Sprint(rooms) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v, want %v", name, rooms, tt.want)
		}
	}
}

// When all places are taken, those that come free go to who has waited longest,
// and never to who had one just now.
func TestPlacesGoRound(t *testing.T) {
	t.Parallel()
	due := make([]loyalty.Webhook, 0, 3*perProcess)
	for range cap(due) {
		due = append(due, shops(1)...)
	}
	turns := newTurns()
	had := make([]int, len(due))
	for round := range 3 {
		for i, room := range turns.take(due) {
			had[i] += room
			if room > 0 {
				turns.giveBack(&due[i], room)
			}
		}
		for i, turnsHad := range had {
			if want := min(1, max(0, (round+1)*perProcess-i)); turnsHad != want {
				t.Fatalf("after round %d webhook %d had %d turns, want %d", round, i, turnsHad, want)
			}
		}
	}
}

// A merchant that holds all it may have leaves the rest to others, and nothing is
// kept of who has gone.
func TestFullMerchantsWait(t *testing.T) {
	t.Parallel()
	turns := newTurns()
	slow, other := shops(20, 20, 20, 20), shops(1)
	for i, room := range turns.take(slow) {
		defer func() {
			turns.giveBack(&slow[i], room)
			turns.take(nil)
			if i == 0 && len(turns.merchants)+len(turns.webhooks)+turns.taken != 0 {
				t.Errorf("left behind: %+v", turns)
			}
		}()
	}
	both := append(slow, other...)
	if rooms := turns.take(both); fmt.Sprint(rooms) != fmt.Sprint(make([]int, len(both))) {
		t.Errorf("more than there is: %v", rooms)
	}
	for i := range slow {
		if turns.webhooks[slow[i].ID].taken > 0 {
			turns.giveBack(&slow[i], 1)
			defer turns.take(slow[i : i+1])
			break
		}
	}
	rooms := turns.take(both)
	if rooms[len(both)-1] != 1 {
		t.Errorf("the place that came free went to %v", rooms)
	}
	turns.giveBack(&other[0], 1)
}
