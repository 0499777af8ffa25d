package ledger

import (
	"context"
	"errors"
	"iter"

	"stempel/internal/loyalty"
)

// Books are all cards with what belongs to them, in the order of their ids.
type Books interface {
	EachCard(ctx context.Context, visit func(loyalty.Card, []loyalty.Voucher, iter.Seq2[loyalty.Entry, error]) error) error
}

// Findings are what an audit has seen.
type Findings struct {
	Cards   int
	Entries int64
	Flaws   []*loyalty.Flaw // the first of each card, at most maxFlaws
	Flawed  int             // cards with a flaw
}

// maxFlaws bounds the report: a thousand broken cards have one cause.
const maxFlaws = 100

// Audit recomputes every card's chain and sums from its entries, and holds its
// vouchers against them. Flaws are findings, not errors.
// Errors: as of reading the books.
func Audit(ctx context.Context, books Books) (Findings, error) {
	var found Findings
	err := books.EachCard(ctx, func(card loyalty.Card, vouchers []loyalty.Voucher, entries iter.Seq2[loyalty.Entry, error]) error {
		found.Cards++
		found.Entries += card.Seq
		var flaw *loyalty.Flaw
		err := loyalty.VerifyCard(&card, vouchers, entries)
		if !errors.As(err, &flaw) {
			return err
		}
		found.Flawed++
		if len(found.Flaws) < maxFlaws {
			found.Flaws = append(found.Flaws, flaw)
		}
		return nil
	})
	return found, err
}
