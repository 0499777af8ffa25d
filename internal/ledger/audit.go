package ledger

import (
	"context"
	"errors"
	"iter"
	"time"

	"stempel/internal/loyalty"
)

// Books are all cards with what belongs to them, in the order of their ids, and all
// purchases, notes, items of offline queues and codes that were handed out, each with its entry: the zero Entry
// where that is not there.
type Books interface {
	EachCard(ctx context.Context, visit func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error) error
	EachDetail(ctx context.Context, visit func(*loyalty.Detail, *loyalty.Entry) error) error
	EachItem(ctx context.Context, visit func(*loyalty.Synced, *loyalty.Entry) error) error
	EachCode(ctx context.Context, visit func(*loyalty.GiftCode, *loyalty.Entry) error) error
	Tenures(ctx context.Context) ([]loyalty.Tenure, error) // all partnerships there are
}

// Findings are what an audit has seen.
type Findings struct {
	Cards   int
	Entries int64
	Details int64           // purchases and notes
	Flaws   []*loyalty.Flaw // the first of each card's entries, and of each detail and item, at most maxFlaws
	Flawed  int             // cards with a flaw
	Altered int             // details with a flaw
	Items   int             // of offline queues, posted
	Stray   int             // items with a flaw
	Codes   int             // of partners, handed out
	Loose   int             // codes with a flaw

	Partnerships int
	Unfounded    int // partnerships with a flaw
}

// margin is how long before the audit a merge may have been posted whose two
// cards were read on different sides of it, or an entry of who became a partner only
// after partnerships were read: a batch's patience, and clocks that differ.
const margin = time.Minute

// maxFlaws bounds the report: a thousand broken cards have one cause.
const maxFlaws = 100

// Audit recomputes every card's chain and sums from its entries, holds its
// vouchers against them, what is kept of purchases and notes against what entries
// commit to, what tills did offline against its entries, and, but for what was posted in
// the minute before now, which is left to the next audit, the two sides of every merge
// against each other and what partners posted against their partnerships. Flaws are
// findings, not errors.
// Errors: as of reading the books.
func Audit(ctx context.Context, books Books, now time.Time) (Findings, error) {
	var found Findings
	var auditor loyalty.Auditor
	tenures, err := books.Tenures(ctx)
	if err != nil {
		return found, err
	}
	auditor.Knows(tenures, now.Add(-margin))
	found.partnerships(tenures)
	err = books.EachCard(ctx, func(card loyalty.Card, vouchers []loyalty.Voucher, lots []loyalty.Lot, entries iter.Seq2[loyalty.Entry, error]) error {
		found.Cards++
		found.Entries += card.Seq
		var flaw *loyalty.Flaw
		err := auditor.Card(&card, vouchers, lots, entries)
		if !errors.As(err, &flaw) {
			return err
		}
		found.Flawed++
		found.add(flaw)
		return nil
	})
	if err != nil {
		return found, err
	}
	for _, flaw := range auditor.Merges(now.Add(-margin)) {
		found.Flawed++
		found.add(flaw)
	}
	return found, errors.Join(found.details(ctx, books), found.items(ctx, books), found.codes(ctx, books))
}

// details goes through what is kept beside entries. It holds one at a time.
func (f *Findings) details(ctx context.Context, books Books) error {
	return books.EachDetail(ctx, func(d *loyalty.Detail, e *loyalty.Entry) error {
		f.Details++
		var flaw *loyalty.Flaw
		if errors.As(loyalty.VerifyDetail(d, e), &flaw) {
			f.Altered++
			f.add(flaw)
		}
		return nil
	})
}

// items goes through what tills did offline and was posted.
func (f *Findings) items(ctx context.Context, books Books) error {
	return books.EachItem(ctx, func(i *loyalty.Synced, e *loyalty.Entry) error {
		f.Items++
		var flaw *loyalty.Flaw
		if errors.As(loyalty.VerifyItem(i, e), &flaw) {
			f.Stray++
			f.add(flaw)
		}
		return nil
	})
}

// codes goes through the codes of partners that were handed out.
func (f *Findings) codes(ctx context.Context, books Books) error {
	return books.EachCode(ctx, func(c *loyalty.GiftCode, e *loyalty.Entry) error {
		f.Codes++
		var flaw *loyalty.Flaw
		if errors.As(loyalty.VerifyCode(c, e), &flaw) {
			f.Loose++
			f.add(flaw)
		}
		return nil
	})
}

// partnerships goes through who honours whose cards, or did.
func (f *Findings) partnerships(tenures []loyalty.Tenure) {
	for i := range tenures {
		f.Partnerships++
		var flaw *loyalty.Flaw
		if errors.As(loyalty.VerifyTenure(&tenures[i]), &flaw) {
			f.Unfounded++
			f.add(flaw)
		}
	}
}

func (f *Findings) add(flaw *loyalty.Flaw) {
	if len(f.Flaws) < maxFlaws {
		f.Flaws = append(f.Flaws, flaw)
	}
}
