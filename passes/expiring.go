package passes

import (
	"time"
)

// expiringOf are the points that the program reminds of now, and the moments at which
// the lots of the card will show something else.
func expiringOf(s *Subject) (soon Expiring, turns []time.Time) {
	purse := s.Card.Purse(s.Program, s.Lots, s.Now)
	if purse.Pending > 0 {
		turns = append(turns, purse.Available)
	}
	if purse.Expires.IsZero() {
		return soon, turns
	}
	turns = append(turns, purse.Expires)
	if from := s.Program.Reminds(purse.Expires); !from.IsZero() {
		turns = append(turns, from)
		if !s.Now.Before(from) {
			soon = Expiring{purse.Expiring, purse.Expires}
		}
	}
	return soon, turns
}

// news is the change that the holder is told: the last posting, or what time alone
// has brought since. That points run out soon is told once: what is posted next is
// told in its place.
func (s *speaker) news(f *Face, of *Subject, now string, zone *time.Location) string {
	switch last := changedOf(of.Last); {
	case f.Expiring.Units > 0 && of.Program.Reminds(f.Expiring.Expires).After(last):
		return s.count("change.expiring", f.Expiring.Units, words{"Date": s.lastDay(f.Expiring.Expires, zone)})
	case ranOut(of, last):
		return s.tell("change.expire", words{"Now": now})
	}
	return s.change(f, of, now)
}

// ranOut reports whether points have run out since, which the ledger does not say yet.
func ranOut(of *Subject, since time.Time) bool {
	for i := range of.Lots {
		if l := &of.Lots[i]; l.Left > 0 && l.Expires.After(since) && !of.Now.Before(l.Expires) {
			return true
		}
	}
	return false
}

// lastDay is the date of the last day before a moment.
func (s *speaker) lastDay(end time.Time, zone *time.Location) string {
	return s.date(end.Add(-time.Microsecond), zone)
}
