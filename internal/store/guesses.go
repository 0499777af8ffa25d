package store

import (
	"time"

	"stempel/internal/loyalty"
)

// Wrong PINs of all tills of a merchant together, and PINs that somebody wanted
// and another has: guessesAtOnce may be made, and one more after each guessPause.
// A till's own limit does not stop who has many tills. It is short, as it stops
// honest people, too: in a chain, sixty slips of the finger an hour are forgiven.
const (
	guessesAtOnce = 10
	guessPause    = time.Minute
)

// guesses is the allowance of a merchant whose row the transaction has locked: so
// no more are made at the same time than one after the other.
type guesses struct {
	tx         *Tx
	merchant   merchantRow
	forgivenAt time.Time // the last wrong one, when it is
}

// guess begins a guess at a PIN. The refusal is PINLocked when there were too many.
func (tx *Tx) guess(m loyalty.MerchantID, now time.Time) (g guesses, refusal *loyalty.Refusal, err error) {
	g.tx = tx
	if g.merchant, err = take[merchantRow](tx, "id = ?", uid(m)); err != nil {
		return g, nil, err
	}
	g.forgivenAt = fromMicros(g.merchant.PinsForgivenAt)
	if g.forgivenAt.Before(now) {
		g.forgivenAt = now
	}
	if until := g.forgivenAt.Add(-(guessesAtOnce - 1) * guessPause); until.After(now) {
		return g, pinLocked("all tills of this merchant together take", until), nil
	}
	return g, nil, nil
}

// wrong counts the guess as a wrong one.
func (g *guesses) wrong() error {
	return affected(g.tx.db.Model(&merchantRow{}).Where("id = ?", g.merchant.ID).
		Update("pins_forgiven_at", micros(g.forgivenAt.Add(guessPause))))
}
