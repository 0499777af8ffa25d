package loyalty

import (
	"strings"
	"time"
)

// TooManyLookups is why a till that has looked up many customers or receipts has to wait.
const TooManyLookups Code = "rate_limited"

// Lookup says that somebody of the staff looked for a customer or a receipt by hand, and
// when. By what, and whom they found, is written nowhere.
type Lookup struct {
	ID       LookupID
	Merchant MerchantID
	Till     TillID
	Staff    StaffID
	At       time.Time
}

// ParseCardNumber reads a card's id as people type it: in any case, with or without
// its prefix, with spaces and hyphens, and with the letters that Crockford's base32
// leaves out for their likeness to a digit. Errors: ErrNotAnID.
func ParseCardNumber(text string) (CardID, error) {
	text = strings.ToLower(text)
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-':
			return -1
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		return r
	}, strings.TrimPrefix(text, "card_"))
	return ParseID[CardID]("card_" + text)
}
