package passes

import "time"

// Due is when the face shows something else although nothing happens: something
// expires. Zero: never.
func (f *Face) Due(now time.Time) time.Time {
	var due time.Time
	consider := func(at time.Time) {
		if at.After(now) && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	consider(f.Lapses)
	consider(f.Ends)
	consider(f.Stands)
	for _, at := range f.turns {
		consider(at)
	}
	for i := range f.Ready {
		consider(f.Ready[i].Expires)
	}
	return due
}
