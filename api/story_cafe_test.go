package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Café: "10 stamps with a small reward at 5 (milestones), welcome stamp, happy-hour
// double stamps". The hour is the shop's: also on the days when clocks change.
func TestCafeStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "cafe")
	if card := c.has(t); card.Balance != 1 {
		t.Errorf("begins with %d stamps", card.Balance)
	}
	for _, visit := range []struct {
		at    string
		want  int64
		total int64
	}{
		{"2026-03-27 15:59", 1, 2}, // a Friday
		{"2026-03-27 16:00", 2, 4},
		{"2026-03-27 18:00", 1, 5},
		{"2026-03-29 16:30", 1, 6}, // Sunday: the clocks have gone forward, and nobody works
		{"2026-03-30 16:00", 2, 8},
		{"2026-03-30 17:59", 2, 0}, // ten: the card is full
		{"2026-10-30 15:59", 1, 1}, // in summer time
		{"2026-11-02 15:59", 1, 2}, // and out of it
		{"2026-11-02 16:00", 2, 4},
	} {
		c.until(t, visit.at)
		posted := c.earns(t, apitest.Map{"units": 1})
		if posted.Entries[0].Units != visit.want || posted.Card.Balance != visit.total {
			t.Errorf("%s: %d stamps make %d, want %d and %d (%s)", visit.at, posted.Entries[0].Units, posted.Card.Balance, visit.want, visit.total, reasons(posted.Why))
		}
	}
	if card := c.has(t); card.Cycle != 1 || len(card.Vouchers) != 0 { // the cookie was good for 90 days, the coffee for 180
		t.Errorf("in November: %+v", card)
	}
}

// The cookie at five stamps comes once for each card, and goes with the stamps.
func TestCafeMilestone(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "cafe")
	coffee, cookie := c.program.Rewards[0], c.program.Rewards[1]
	four := c.earns(t, apitest.Map{"units": 3})
	if len(four.Card.Vouchers) != 0 || four.Card.Progress.Missing != 1 || four.Card.Progress.Reward != cookie {
		t.Fatalf("with four: %+v", four.Card)
	}
	five := c.earns(t, apitest.Map{"units": 1})
	if v := five.Card.Vouchers; len(v) != 1 || v[0].Reward != cookie || five.Card.Balance != 5 || five.Card.Progress.Reward != coffee {
		t.Fatalf("with five: %+v", five.Card)
	}
	if gone := c.Post(t, apitest.Void(c.Shop.Front, five.Entries[0].ID, nil)); len(gone.Card.Vouchers) != 0 {
		t.Fatalf("with four again: %+v", gone.Card.Vouchers)
	}
	again := c.earns(t, apitest.Map{"units": 2})
	if len(again.Card.Vouchers) != 1 {
		t.Fatalf("with six: %+v", again.Card.Vouchers)
	}
	eaten := c.redeems(t, 1)
	if c.Refused(t, apitest.Void(c.Shop.Front, again.Entries[0].ID, nil), gen.ProblemCodeVoidRewardUsed); len(eaten.Card.Vouchers) != 0 {
		t.Errorf("eaten: %+v", eaten.Card.Vouchers)
	}
	// Ten a day, whatever the hour: 3 + 2 are there, 5 are left, and the happy hour
	// adds no more.
	c.until(t, "2026-03-02 16:30")
	more := c.earns(t, apitest.Map{"units": 4})
	if more.Entries[0].Units != 5 || more.Card.Cycle != 1 || more.Card.Balance != 1 || len(more.Card.Vouchers) != 1 {
		t.Errorf("at the end of a long day: %+v, %s", more.Card, reasons(more.Why))
	}
	p := c.Refused(t, c.earning(t, c.Shop.Front, apitest.Map{"units": 1}), gen.ProblemCodeDailyCapReached)
	if want := c.moment(t, "2026-03-03"); !p.RetryAt.Equal(want) {
		t.Errorf("again at %s, want %s", p.RetryAt, want)
	}
	c.until(t, "2026-03-03 08:00")
	if next := c.earns(t, apitest.Map{"units": 4}); len(next.Card.Vouchers) != 2 || next.Card.Balance != 5 {
		t.Errorf("the next card has its own cookie: %+v", next.Card)
	}
}

// Stamps of somebody who stays away for a year lapse; a year's end is nothing to them.
func TestCafeLapses(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "cafe")
	c.until(t, "2027-12-31 12:00")
	c.earns(t, apitest.Map{"units": 4})
	c.until(t, "2028-01-01 12:00")
	last := c.earns(t, apitest.Map{"units": 1})
	if want := c.Clock.Now().Add(365 * 24 * time.Hour); last.Card.Balance != 5 || !last.Card.LapsesAt.Equal(want) {
		t.Fatalf("in the new year: %+v", last.Card)
	}
	c.until(t, "2028-12-31 11:59") // 2028 has 366 days
	if card := c.has(t); card.Balance != 5 {
		t.Errorf("a minute before: %+v", card)
	}
	c.until(t, "2028-12-31 12:00")
	if card := c.has(t); card.Balance != 0 {
		t.Errorf("a year of 365 days later: %+v", card)
	}
	back := c.earns(t, apitest.Map{"units": 1})
	if got := kinds(back.Entries); len(got) != 2 || back.Card.Balance != 1 {
		t.Errorf("back again: %v, %+v", got, back.Card)
	}
}

// Coffees of a happy hour on New Year's Eve that come back next morning take all their
// stamps along, also those of the hour, and the cookie that they were for.
func TestCafeRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "cafe")
	c.until(t, "2026-12-31 16:30") // a Thursday
	two := c.earns(t, c.basket(with(piece("coffee", 500), "quantity", 2000)))
	if two.Entries[0].Units != 4 || two.Card.Balance != 5 || len(two.Card.Vouchers) != 1 {
		t.Fatalf("two coffees: %+v (%s)", two.Card, reasons(two.Why))
	}
	c.until(t, "2027-01-01 09:00")
	if card := c.has(t); card.Balance != 5 || len(card.Vouchers) != 1 {
		t.Errorf("in the new year: %+v", card)
	}
	one := c.comesBack(t, two.Entries[0].ID, apitest.Map{"amount": 250})
	if one.Entries[0].Units != -2 || one.Card.Balance != 3 || len(one.Card.Vouchers) != 0 {
		t.Errorf("one was cold: %+v, %+v", one.Entries, one.Card)
	}
	if both := c.comesBack(t, two.Entries[0].ID, apitest.Map{}); both.Card.Balance != 1 {
		t.Errorf("so was the other: %+v", both.Card)
	}
}
