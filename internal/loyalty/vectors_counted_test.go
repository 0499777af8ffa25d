package loyalty_test

import (
	"slices"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// countedChain is a discount card over a year's end: what was spent elsewhere, a
// bill with 10 % off, another one in the next year's first second, and the first
// bill taken back.
func countedChain() []loyalty.Entry {
	warsaw := time.FixedZone("Warsaw in winter", 3600)
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, warsaw).UTC()
	}
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector counted " + name)) }
	entry := func(name string, e loyalty.Entry, posted time.Time) loyalty.Entry {
		e.ID, e.Posted, e.Captured = id(name), posted, posted
		e.Counted.Month = loyalty.MonthOf(posted, warsaw)
		return e
	}
	scanned := func(e loyalty.Entry) loyalty.Entry {
		e.Location, e.Till, e.Method = vectorLocation, vectorTill, loyalty.Live
		return e
	}
	return chained(vectorCard,
		entry("before", loyalty.Entry{Kind: loyalty.Opening, Counted: loyalty.Counted{Spend: 18_000}}, at(11, 3, 9)),
		scanned(entry("bill", loyalty.Entry{Kind: loyalty.Grant, Counted: loyalty.Counted{Spend: 3780, Rate: 1000, Off: 420}, Commitment: vectorBasket.commitment()}, at(12, 31, 23))),
		scanned(entry("new year", loyalty.Entry{Kind: loyalty.Grant, Counted: loyalty.Counted{Spend: 1000}}, at(12, 31, 24))),
		entry("refund", loyalty.Entry{
			Kind: loyalty.Void, Origin: id("bill"), Till: vectorTill, Staff: vectorStaff,
			Counted: loyalty.Counted{Spend: -3780, Off: -420},
		}, at(12, 31, 25)),
	)
}

// partlyCounted is a points card with a standing: a purchase of 40.00 in December is
// refunded in January, 10.00 of it first and then the rest.
func partlyCounted(rest int64) []loyalty.Entry {
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector refunded " + name)) }
	entry := func(name string, e loyalty.Entry, month time.Month) loyalty.Entry {
		e.Posted = time.Date(2026, month, 20, 12, 0, 0, 0, time.UTC)
		e.ID, e.Captured, e.Counted.Month = id(name), e.Posted, loyalty.MonthOf(e.Posted, time.UTC)
		return e
	}
	back := func(units, spend int64) loyalty.Entry {
		return loyalty.Entry{Kind: loyalty.Refund, Origin: id("earn"), Units: -units, Counted: loyalty.Counted{Spend: -spend}}
	}
	return chained(vectorCard,
		entry("earn", loyalty.Entry{Kind: loyalty.Earn, Units: 40, Counted: loyalty.Counted{Spend: 4000}}, 12),
		entry("a part", back(10, 1000), 13),
		entry("the rest", back(30, rest), 13),
	)
}

// partlyGranted is a discount card: of a bill of 42.00 with 10 % off, half comes back.
func partlyGranted(off int64) []loyalty.Entry {
	id := func(name string) loyalty.EntryID { return loyalty.EntryID(loyaltytest.ID("vector returned " + name)) }
	entry := func(name string, e loyalty.Entry, day int) loyalty.Entry {
		e.Posted = time.Date(2026, 12, day, 12, 0, 0, 0, time.UTC)
		e.ID, e.Captured, e.Counted.Month = id(name), e.Posted, loyalty.MonthOf(e.Posted, time.UTC)
		return e
	}
	return chained(vectorCard,
		entry("bill", loyalty.Entry{Kind: loyalty.Grant, Counted: loyalty.Counted{Spend: 3780, Rate: 1000, Off: 420}}, 20),
		entry("half", loyalty.Entry{Kind: loyalty.Refund, Origin: id("bill"), Counted: loyalty.Counted{Spend: -1890, Off: -off}}, 21),
	)
}

// addCounted adds the cases of format 2.
func addCounted(add func(name string, brokenAt int, entries []loyalty.Entry, details map[int]*vectorDetail)) {
	chain := countedChain()
	add("a discount card over a year's end", 0, chain, map[int]*vectorDetail{1: vectorBasket})
	broken := func(change func([]loyalty.Entry)) []loyalty.Entry {
		entries := slices.Clone(chain)
		change(entries)
		return entries
	}
	add("a discount that was changed afterwards", 2, broken(func(e []loyalty.Entry) { e[1].Counted.Off-- }), nil)
	add("a month that was left out", 3, broken(func(e []loyalty.Entry) { e[2].Counted.Month = 0 }), nil)
	add("a void that takes back more than was counted", 4, relink(broken(func(e []loyalty.Entry) { e[3].Counted.Spend-- })), nil)
	refunds := partlyCounted(3000)
	add("a purchase that counts, and is refunded in two parts", 0, refunds, nil)
	add("refunds of more than was counted", 3, partlyCounted(3001), nil)
	add("a discount of which half is refunded", 0, partlyGranted(210), nil)
	add("a refund of more than was taken off", 2, partlyGranted(421), nil)
}

// countsOf is what entries add up to.
func countsOf(entries []loyalty.Entry) (counts loyalty.Counts) {
	for _, e := range entries {
		count := loyalty.MonthCount{Month: e.Counted.Month, Spend: e.Counted.Spend}
		if e.Kind == loyalty.Earn || e.Kind == loyalty.Refund {
			count.Units = e.Units
		}
		if e.Kind == loyalty.Void || e.Kind == loyalty.Refund {
			at := slices.IndexFunc(entries, func(o loyalty.Entry) bool { return o.ID == e.Origin })
			count.Month = entries[at].Counted.Month
		}
		if count.Month != 0 && (count.Spend != 0 || count.Units != 0) {
			counts = counts.Plus("", count)
		}
	}
	return counts
}
