package scanner

import "stempel/internal/loyalty"

// LookedUp is the presentation of a card that was not shown: staff found it by what
// the customer said. Each look-up is another one, whose id makes the nonce, so that
// its handle earns once and redeems once like any other.
func LookedUp(r Reading, lookup loyalty.LookupID, card loyalty.CardID) Presentation {
	return r.present(card, loyalty.Scanned{Method: loyalty.Manual, Nonce: loyalty.NewNonce(loyalty.Manual, card, lookup[:])})
}
