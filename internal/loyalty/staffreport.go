package loyalty

import "time"

// StaffReport is what was done at a merchant's tills in a time, by person. It is
// for looking closer, and proves nothing against anybody.
type StaffReport struct {
	From, To time.Time // From may be later than asked for: only so many entries are looked at
	People   []StaffWork
	Repeats  []Repeat // the most first

	Favourites []Favourite // the most first
}

// StaffWork is what the PIN of one of the staff approved. Counts are of entries.
type StaffWork struct {
	Staff       Staff // zero: what was done without any PIN
	Earns       int64
	Units       int64 // that those earned
	Redemptions int64
	Grants      int64
	Refunds     int64
	Adjustments int64
	Static      int64 // earns, redemptions and grants with a code that can be photographed
	Manual      int64 // earns, redemptions and grants on a card that was looked up
	VoidsOwn    int64 // of entries of the same till
	VoidsOthers int64 // of entries of another till or of the office
	Overrides   int64 // entries for which the PIN lifted a limit, see Entry.Lifted
	Lookups     int64 // customers and receipts looked up, found or not

	UnusualHours int64 // earns without a purchase when the shop hardly ever earns
}

// ManyEarns is from how many earns by one till and person on a card a StaffReport
// shows that card, when none of them needed the customer to be there.
const ManyEarns = 5

// Repeat is a card that earned ManyEarns times or more at one till, under one PIN
// or none, by codes that can be photographed, by hand, or by approved taps at the
// counter: as somebody's would who
// stamps a card of their own.
type Repeat struct {
	Card  CardID
	Till  TillID
	Staff StaffID // zero: without a PIN
	Times int64
}
