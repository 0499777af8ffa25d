package loyalty

import "time"

// GoogleObject is what is known of a pass's object at Google.
type GoogleObject struct {
	Pass     PassID
	Inserted time.Time    // Google has it since; zero: not yet
	Saved    time.Time    // since when a customer has it in the wallet; zero: not that it were known
	Deleted  time.Time    // since when nobody has it any longer; zero: not that it were known
	Sent     [16]byte     // version of what was sent last
	Told     time.Time    // of the posting that was sent last
	Waiting  time.Time    // since when something could not be sent; zero: nothing waits
	Notified [3]time.Time // the last notifications, in any order; zero: free
}

// NotificationWindow is within which Google notifies of one pass three times at
// most.
const NotificationWindow = 24 * time.Hour

// Notify takes one of the notifications that a pass has within the window, and
// reports whether one was free. spare says how many must be left.
func (o *GoogleObject) Notify(now time.Time, spare int) bool {
	var free []*time.Time
	for i := range o.Notified {
		if at := &o.Notified[i]; !at.Add(NotificationWindow).After(now) {
			free = append(free, at)
		}
	}
	if len(free) <= spare {
		return false
	}
	*free[0] = now
	return true
}

// TakeBack frees a notification of that moment, if there was one: it was not sent.
func (o *GoogleObject) TakeBack(at time.Time) {
	if at.IsZero() {
		return
	}
	for i := range o.Notified {
		if o.Notified[i].Equal(at) {
			o.Notified[i] = time.Time{}
			return
		}
	}
}

// Accept notes that Google took a version, which tells of everything up to a
// posting, and what it said of the pass being in a wallet.
func (o *GoogleObject) Accept(version [16]byte, told time.Time, saved bool, now time.Time) {
	o.Sent, o.Told, o.Waiting = version, told, time.Time{}
	if o.Inserted.IsZero() {
		o.Inserted = now
	}
	if saved && o.Saved.IsZero() {
		o.Saved = now // the callback that said so was lost
	}
}

// GoogleEvent is what Google tells about a pass.
type GoogleEvent struct {
	Pass    PassID
	Program ProgramID
	Saved   bool      // into a wallet; else deleted from it
	Nonce   Hash      // of the event's own
	Expires time.Time // afterwards nobody takes the event any more, so that its nonce need not be known
}
