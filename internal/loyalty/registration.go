package loyalty

import "time"

// Registration is a phone that wants to be told when a pass of Apple Wallet
// changes.
type Registration struct {
	Device    Hash // of the id that Apple gave the phone, which opens the list of its passes
	Pass      PassID
	PushToken string
	Created   time.Time
	Changed   time.Time // when the phone was last to be told; among the passes of a phone no two are the same
}

// MaxRegistrations is how many phones and watches are told of one pass. When one
// more comes, the oldest gives way.
const MaxRegistrations = 20
