package api_test

import (
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// Car wash: "after six paid washes, one free", over a year's end and a leap day.
func TestCarWashStory(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "car-wash")
	c.until(t, "2027-02-06 10:00")
	first := c.earns(t, apitest.Map{"purchase": apitest.Map{"ref": "bay 1", "total": 1290, "currency": "EUR"}})
	if e := first.Entries[0]; e.Units != 1 || first.Card.Progress.Missing != 5 {
		t.Fatalf("the first wash: %+v", first.Card)
	}
	// Never two stamps for one visit, and a wash that a reward paid is none.
	c.Clock.Advance(14 * time.Minute)
	c.Refused(t, c.earning(t, c.Shop.Back, apitest.Map{}), gen.ProblemCodeCooldownActive)
	c.Clock.Advance(time.Minute)
	c.Refused(t, c.earning(t, c.Shop.Front, apitest.Map{"units": 2}), gen.ProblemCodeUnitsNotAccepted)
	for range 4 {
		c.Clock.Advance(30 * 24 * time.Hour)
		c.earns(t, apitest.Map{})
	}
	c.until(t, "2027-12-31 23:50")
	sixth := c.earns(t, apitest.Map{})
	if sixth.Card.Balance != 0 || len(sixth.Card.Vouchers) != 1 {
		t.Fatalf("the sixth: %+v", sixth.Card)
	}
	// The free wash is good for 365 days: 2028 has one more.
	until := sixth.Card.Vouchers[0].ExpiresAt
	if want := c.moment(t, "2028-12-30 23:50"); !until.Equal(want) {
		t.Errorf("good until %s, want %s", until, want)
	}
	c.until(t, "2028-02-29 10:00")
	c.redeems(t, 0)
	c.Clock.Advance(20 * time.Minute)
	c.Refused(t, c.earning(t, c.Shop.Front, apitest.Map{"purchase": apitest.Map{"ref": "bay 2", "total": 1290, "currency": "EUR", "paid_with_reward": 1290}}), gen.ProblemCodeNothingToEarn)
}

// Who does not come in a year loses the free wash; and a wash that was refunded is none.
func TestCarWashTooLate(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "car-wash")
	var sixth gen.Scan
	for range 6 {
		c.Clock.Advance(time.Hour)
		sixth = c.earns(t, apitest.Map{})
	}
	broken := c.voided(t, sixth.Entries[0].ID)
	if broken.Card.Balance != 5 || len(broken.Card.Vouchers) != 0 {
		t.Fatalf("the machine broke down: %+v", broken.Card)
	}
	c.earns(t, apitest.Map{}) // the next one needs no waiting
	c.Clock.Advance(365*24*time.Hour - time.Microsecond)
	if v := c.has(t).Vouchers; len(v) != 1 {
		t.Errorf("on the last day: %+v", v)
	}
	c.Clock.Advance(time.Microsecond)
	if v := c.has(t).Vouchers; len(v) != 0 {
		t.Errorf("a year later: %+v", v)
	}
	c.Refused(t, c.redeeming(t, 0), gen.ProblemCodeVoucherNotFound)
}

// The sixth wash of the old year, refunded in the new one, is none: its stamp goes, and
// the free wash with it.
func TestCarWashRefund(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, "car-wash")
	c.until(t, "2027-12-01 10:00")
	for range 5 {
		c.Clock.Advance(time.Hour)
		c.earns(t, apitest.Map{})
	}
	c.until(t, "2027-12-31 23:50")
	sixth := c.earns(t, apitest.Map{"purchase": bought("bay 6", 1290)})
	if len(sixth.Card.Vouchers) != 1 {
		t.Fatalf("the sixth: %+v", sixth.Card)
	}
	c.until(t, "2028-01-01 00:10")
	gone := c.comesBack(t, sixth.Entries[0].ID, apitest.Map{})
	if gone.Entries[0].Units != -1 || gone.Card.Balance != 5 || gone.Card.Cycle != 0 || len(gone.Card.Vouchers) != 0 {
		t.Errorf("the brushes were broken: %+v, %+v", gone.Entries, gone.Card)
	}
	c.Refused(t, refund(c.Shop.Admin, sixth.Entries[0].ID, apitest.Map{}), gen.ProblemCodePurchaseAlreadyRefunded)
	if again := c.earns(t, apitest.Map{}); len(again.Card.Vouchers) != 1 || again.Card.Balance != 0 {
		t.Errorf("washed after all: %+v", again.Card)
	}
}
