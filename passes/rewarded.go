package passes

import (
	"time"

	"stempel/internal/loyalty"
)

// rewardedOf is when the newest of the rewards that can be had came: its voucher was
// issued, or the last posting made the balance enough for it. Zero: none is there, or
// the balance has been enough for longer.
func rewardedOf(s *Subject, ready []Ready) (at time.Time) {
	if len(ready) == 0 {
		return time.Time{}
	}
	for i := range s.Vouchers {
		if v := &s.Vouchers[i]; v.Live(s.Now) && v.Issued.After(at) {
			at = v.Issued
		}
	}
	last := newest(s.Last)
	if last == nil || !last.Posted.After(at) {
		return at
	}
	before := balanceBefore(s.Last, last)
	for _, r := range ready {
		if r.Cost > before {
			return last.Posted
		}
	}
	return at
}

// balanceBefore is a card's balance before the posting that an entry belongs to.
func balanceBefore(entries []loyalty.Entry, last *loyalty.Entry) int64 {
	before := last.Balance
	for i := range entries {
		if entries[i].Posted.Equal(last.Posted) {
			before -= entries[i].Units
		}
	}
	return before
}
