package passes

import (
	"time"

	"stempel/internal/loyalty"
)

// Subject is what a face is made of.
type Subject struct {
	Merchant loyalty.Merchant
	Brand    loyalty.Brand // as the merchant set it; what is missing is made up for
	Program  *loyalty.Program
	Card     *loyalty.Card
	Vouchers []loyalty.Voucher // of the card; those that are not live are passed over
	Lots     []loyalty.Lot     // of the card, those with units left
	Last     []loyalty.Entry   // of the card, at least those of its last posting, in any order
	Member   string            // the holder's name; empty: not to be shown
	Shops    []loyalty.Location
	Language Language
	Now      time.Time
	Holds    loyalty.Belonging // of whoever holds the card; zero: nobody's
	Excluded bool              // the program is not, or no longer, for whoever holds the card
	Ended    bool              // the pass has ended for ever: nothing of the card is to be shown any more
}

// ended is what is left of a subject whose pass has ended: whose program it was.
func (s Subject) ended() Subject {
	return Subject{
		Merchant: s.Merchant, Brand: s.Brand, Program: s.Program, Card: &loyalty.Card{}, Language: s.Language, Now: s.Now, Ended: true,
	}
}
