package loyalty

import (
	"fmt"
	"time"
)

// Reminder says that points of a card run out, from when its program reminds of it.
type Reminder struct {
	Card     CardID
	Program  ProgramID
	Merchant MerchantID
	Balance  int64     // of the card
	Units    int64     // of these, that run out then
	Expires  time.Time // when
	At       time.Time // when that was found out
}

// ID names the event, the same in every attempt: a card is reminded of a moment once.
func (r *Reminder) ID() string {
	return fmt.Sprintf("expiring_%x_%d", r.Card[:], r.Expires.Unix())
}

// Reminders is in the set of a webhook that is told of them, beside kinds of entries.
const Reminders Kinds = 1 << 31
