package loyalty

import (
	"slices"
	"time"
)

// From when on a StaffReport shows a card as a person's Favourite, which takes
// ManyEarns as well. Percentages.
const (
	LargeShare = 25 // of all that the person let cards earn, or …
	MostOfCard = 80 // … of what the card earned, where the person also handed out its rewards
)

// Favourite is a card that stands out in one person's work: of few customers that
// is so, and of whoever stamps a card of their own.
type Favourite struct {
	Card        CardID
	Staff       StaffID
	Earns       int64 // under the person's PIN, at tills
	Redemptions int64
	OfPerson    int64 // Earns as a percentage of all earns under the PIN
	OfCard      int64 // and of all that the card earned at tills
}

// An hour of the day is unusual in a shop where fewer than fewInHour per mille of its
// earns fall, if it had enoughToTell of them: less is no habit.
const (
	fewInHour    = 10
	enoughToTell = 100
)

// HourOfWork is what was earned within one hour, in a shop under one PIN or none.
type HourOfWork struct {
	Location        LocationID
	Staff           StaffID
	Begins          time.Time
	Earns           int64
	WithoutPurchase int64 // of these
}

// AddUnusualHours counts, by person, what was earned without a purchase when the shop
// hardly ever earns: each shop by its own clock and its own habit in the report's time.
func (r *StaffReport) AddUnusualHours(hours []HourOfWork, zones map[LocationID]*time.Location) {
	type habit struct {
		byHour [24]int64
		all    int64
	}
	hourOf := func(h *HourOfWork) int {
		zone := zones[h.Location]
		if zone == nil {
			zone = time.UTC
		}
		return h.Begins.In(zone).Hour()
	}
	habits := map[LocationID]*habit{}
	for i := range hours {
		h := &hours[i]
		if habits[h.Location] == nil {
			habits[h.Location] = &habit{}
		}
		habits[h.Location].byHour[hourOf(h)] += h.Earns
		habits[h.Location].all += h.Earns
	}
	for i := range hours {
		h := &hours[i]
		usual := habits[h.Location]
		if usual.all < enoughToTell || usual.byHour[hourOf(h)]*1000 >= usual.all*fewInHour {
			continue
		}
		if i := slices.IndexFunc(r.People, func(w StaffWork) bool { return w.Staff.ID == h.Staff }); i >= 0 {
			r.People[i].UnusualHours += h.WithoutPurchase
		}
	}
}
