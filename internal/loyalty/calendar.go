package loyalty

import (
	"fmt"
	"sync"
	"time"
)

// Month is a month of some place's calendar: 12 × year + month − 1. Zero is none.
type Month int32

// monthOf is the month of an instant.
func monthOf(t time.Time, zone *time.Location) Month {
	y, m, _ := t.In(zone).Date()
	return Month(y*12 + int(m) - 1)
}

func (m Month) year() int         { return int(m / 12) }
func (m Month) month() time.Month { return time.Month(m%12 + 1) }

// String is the month as in ISO 8601: 2026-11.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.year(), m.month()) }

// Begins is the month's first instant at a place.
func (m Month) Begins(zone *time.Location) time.Time {
	return dayAfter(int32(m.year()*10000+int(m.month())*100), zone)
}

// last is the last month of the period that m lies in, where a year has so many.
func (m Month) last(perPeriod Month) Month { return m - m%perPeriod + perPeriod - 1 }

// zones remembers what time.LoadLocation reads.
var zones sync.Map // name → *time.Location

// zoneNamed is a zone of the IANA database; UTC where there is none of that name.
func zoneNamed(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	zones.Store(name, zone)
	return zone
}
