package moving

import (
	"context"

	"stempel/internal/loyalty"
)

// Page moves in rows that came otherwise than in a file, all in one transaction.
// Lines are numbered from 1. render makes the answer that is kept for the request;
// it may be called again after a rollback.
//
// Errors: what render returns; as of the store.
func (i *Import) Page(ctx context.Context, r loyalty.Answer, rows []Cells, render func([]Line) (loyalty.Answer, error)) (loyalty.Answer, error) {
	b := i.begin(len(rows))
	for n := range rows {
		a := arrival{Line: Line{Number: n + 1}}
		if err := i.decide(b, &a, &rows[n]); err != nil {
			a.fail(err)
		}
		b.arrivals = append(b.arrivals, a)
	}
	return i.Store.MoveIn(ctx, r, b.arriving(), func(known *loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error) {
		arrivals, lines, err := b.place(known)
		if err != nil {
			return arrivals, loyalty.Answer{}, err
		}
		answer, err := render(lines)
		return arrivals, answer, err
	})
}

// Known reads what MoveIn of a Store would find.
type Known interface {
	Foresee(ctx context.Context, a loyalty.Arriving) (*loyalty.Known, error)
}

// DryRun is a Store for one batch, which keeps nothing: it knows what there is,
// and nothing of what it was told before.
func DryRun(known Known) Store { return dryRun{known} }

type dryRun struct{ known Known }

func (d dryRun) MoveIn(ctx context.Context, _ loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error) {
	known, err := d.known.Foresee(ctx, a)
	if err != nil {
		return loyalty.Answer{}, err
	}
	_, answer, err := decide(known)
	return answer, err
}
