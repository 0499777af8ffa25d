package passes

import "time"

// lotsOf are the points that cannot be used yet, those that the program reminds of
// now, and the moments at which the lots of the card will show something else.
func lotsOf(s *Subject) (pending Pending, soon Expiring, turns []time.Time) {
	purse := s.Card.Purse(s.Program, s.Lots, s.Now)
	if purse.Pending > 0 {
		pending = Pending{purse.Pending, purse.Available}
		turns = append(turns, purse.Available)
	}
	if purse.Expires.IsZero() {
		return pending, soon, turns
	}
	turns = append(turns, purse.Expires)
	if from := s.Program.Reminds(purse.Expires); !from.IsZero() {
		turns = append(turns, from)
		if !s.Now.Before(from) {
			soon = Expiring{purse.Expiring, purse.Expires}
		}
	}
	return pending, soon, turns
}

// news is the change that the holder is told: the last posting, or what time alone
// has brought since. That points run out soon is told once: what is posted next is
// told in its place.
func (s *speaker) news(f *Face, of *Subject, now string, zone *time.Location) string {
	switch last := changedOf(of.Last); {
	case f.Expiring.Units > 0 && of.Program.Reminds(f.Expiring.Expires).After(last):
		return s.count("change.expiring", f.Expiring.Units, words{"Date": s.date(f.Expiring.Expires, zone)})
	case ranOut(of, last):
		return s.tell("change.expire", words{"Now": now})
	}
	said := s.change(f, of, now)
	if f.Pending.Units > 0 {
		said += " " + s.count("change.pending", f.Pending.Units, words{"Date": s.firstDay(f.Pending.Available, zone)})
	}
	return said
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

// firstDay is the date from which on something is so. Other dates are of ends.
func (s *speaker) firstDay(from time.Time, zone *time.Location) string {
	return s.date(from.Add(time.Microsecond), zone)
}
