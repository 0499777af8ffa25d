package loyalty

import (
	"encoding/binary"
	"slices"
	"time"
)

// Counts is what came in on a card, month by month and in all, for programs that
// have a standing by it (see Rules.counts); empty on all other cards. It is a value:
// packed, so that it costs a card's row little, and never changed in place.
//
// Packed it is the name of a zone, then for each month, and before them for 0, which
// is all time, the month, spend and units. Every part is a varint, the name behind
// its length.
type Counts string

// MonthCount is what came in in one month, less what was taken back.
type MonthCount struct {
	Month Month // 0: of all time
	Spend int64 // minor units of the program's currency
	Units int64 // that were earned
}

// mostMonths is for how long months are told apart: five years. What is older counts
// only for all time.
const mostMonths = 60

// latestMonth is the last one that has a date: only a damaged row names a later one.
const latestMonth = 12*10_000 - 1

// Zone is the place by whose calendar the card counts: where something last came in.
// It is UTC where a till never was.
func (c Counts) Zone() *time.Location {
	name, _ := c.cut()
	return zoneNamed(name)
}

// cut parts the zone's name from the months.
func (c Counts) cut() (zone, months string) {
	length, n := uvarint(string(c))
	if n <= 0 || length > uint64(len(c)-n) {
		return "", ""
	}
	end := n + int(length)
	return string(c[n:end]), string(c[end:])
}

// Months are the months that can be told apart, the oldest first, behind the one of
// all time. There are none where nothing was counted.
func (c Counts) Months() (list []MonthCount) {
	_, rest := c.cut()
	for len(rest) > 0 {
		var parts [3]int64
		for i := range parts {
			value, n := uvarint(rest)
			if n <= 0 {
				return list
			}
			parts[i], rest = int64(value>>1)^-int64(value&1), rest[n:] // as binary.Varint
		}
		if parts[0] < 0 || parts[0] > latestMonth {
			return list
		}
		list = append(list, MonthCount{Month: Month(parts[0]), Spend: parts[1], Units: parts[2]})
	}
	return list
}

// Total is what came in in all.
func (c Counts) Total() MonthCount { return between(c.Months(), 0, 0) }

// uvarint is binary.Uvarint of a string.
func uvarint(text string) (uint64, int) {
	return binary.Uvarint([]byte(text[:min(len(text), binary.MaxVarintLen64)]))
}

func pack(zone string, list []MonthCount) Counts {
	b := append(binary.AppendUvarint(nil, uint64(len(zone))), zone...)
	for _, c := range list {
		b = binary.AppendVarint(b, int64(c.Month))
		b = binary.AppendVarint(b, c.Spend)
		b = binary.AppendVarint(b, c.Units)
	}
	return Counts(b)
}

// with adds to a month, and to all time. False where that is more than a card can
// hold.
func (c Counts) with(zone string, more MonthCount) (Counts, bool) {
	list, fits := addCount(c.Months(), more)
	return pack(zone, list), fits
}

// and is both together, by the calendar of c, or of other where c has nothing.
func (c Counts) and(other Counts) (Counts, bool) {
	zone, _ := c.cut()
	list := c.Months()
	if len(list) == 0 {
		return other, true
	}
	fits := true
	for _, more := range other.Months() {
		if more.Month == 0 {
			list[0], fits = list[0].and(more)
		} else {
			list = insertCount(list, more)
		}
	}
	return pack(zone, forget(list)), fits
}

func (c MonthCount) and(more MonthCount) (MonthCount, bool) {
	var fits, fitToo bool
	c.Spend, fits = add(c.Spend, more.Spend)
	c.Units, fitToo = add(c.Units, more.Units)
	return c, fits && fitToo
}

// addCount counts something in its month, which stays even when nothing is left of
// it: so no older one is ever let in again.
func addCount(list []MonthCount, more MonthCount) ([]MonthCount, bool) {
	if len(list) == 0 {
		list = append(list, MonthCount{})
	}
	fits := false
	list[0], fits = list[0].and(more)
	return forget(insertCount(list, more)), fits
}

func insertCount(list []MonthCount, more MonthCount) []MonthCount {
	at, there := slices.BinarySearchFunc(list, more.Month, func(c MonthCount, m Month) int { return int(c.Month - m) })
	if !there {
		return slices.Insert(list, at, more)
	}
	list[at], _ = list[at].and(more) // no month has more than all time
	return list
}

// forget drops the months that are too long before the newest.
func forget(list []MonthCount) []MonthCount {
	oldest := list[len(list)-1].Month - mostMonths + 1
	return slices.DeleteFunc(list, func(c MonthCount) bool { return c.Month != 0 && c.Month < oldest })
}

// between adds up some months; from 0, that is all time.
func between(list []MonthCount, from, to Month) (sum MonthCount) {
	if from == 0 {
		if len(list) > 0 {
			sum = list[0]
		}
		return sum
	}
	for _, c := range list {
		if from <= c.Month && c.Month <= to {
			sum.Spend += c.Spend
			sum.Units += c.Units
		}
	}
	return sum
}
