package moving

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"iter"

	"stempel/internal/loyalty"
)

// Source is what there is to export.
type Source interface {
	EachCard(ctx context.Context, f func(loyalty.Card, []loyalty.Voucher, iter.Seq2[loyalty.Entry, error]) error) error
}

// Export is one merchant's data on its way out, in files named after what is in
// them.
type Export struct {
	Merchant loyalty.MerchantID
	Source   Source
	Format   Format
	Create   func(name string) (io.WriteCloser, error)
}

// Counts say how much there was.
type Counts struct{ Cards, Vouchers, Entries int }

// Run writes all cards, vouchers and entries. What it writes of one card is of
// one moment. Entries have all that their hashes are over, see ledger.md.
func (e *Export) Run(ctx context.Context) (Counts, error) {
	var counts Counts
	to, err := e.open()
	if err != nil {
		return counts, err
	}
	err = e.Source.EachCard(ctx, func(c loyalty.Card, vouchers []loyalty.Voucher, entries iter.Seq2[loyalty.Entry, error]) error {
		if c.Merchant != e.Merchant {
			return nil
		}
		counts.Cards++
		if err := to.card(&c); err != nil {
			return err
		}
		for i := range vouchers {
			counts.Vouchers++
			if err := to.voucher(&vouchers[i]); err != nil {
				return err
			}
		}
		for entry, err := range entries {
			if err != nil {
				return err
			}
			counts.Entries++
			if err := to.entry(&entry); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, errors.Join(err, to.close())
}

// exported are the files.
type exported struct{ cards, vouchers, entries *table }

func (e *Export) open() (to *exported, err error) {
	to = new(exported)
	begin := func(name string, columns ...string) *table {
		if err != nil {
			return nil
		}
		var file io.WriteCloser
		if file, err = e.Create(name + "." + string(e.Format)); err != nil {
			return nil
		}
		var t *table
		if t, err = newTable(file, e.Format, columns...); err != nil {
			file.Close()
		}
		return t
	}
	to.cards = begin("cards", "id", "program", "created_at", "balance", "lifetime", "cycle", "blocked", "last_earned_at")
	to.vouchers = begin("vouchers", "id", "card", "reward", "state", "issued_at", "expires_at", "entry")
	to.entries = begin("entries", "id", "merchant", "operator", "card", "seq", "kind", "units", "balance", "program", "version",
		"location", "till", "staff", "method", "captured_at", "posted_at", "origin", "reward", "voucher", "commitment", "hash")
	if err != nil {
		return nil, errors.Join(err, to.close())
	}
	return to, nil
}

func (to *exported) close() (err error) {
	for _, t := range []*table{to.cards, to.vouchers, to.entries} {
		if t != nil {
			err = errors.Join(err, t.close())
		}
	}
	return err
}

func (to *exported) card(c *loyalty.Card) error {
	return to.cards.row(c.ID.String(), c.Program.String(), c.Created, c.Balance, c.Lifetime, c.Cycle, c.Blocked, c.LastEarn)
}

func (to *exported) voucher(v *loyalty.Voucher) error {
	return to.vouchers.row(v.ID.String(), v.Card.String(), v.Reward.String(), v.State.String(), v.Issued, v.Expires, v.Entry.String())
}

func (to *exported) entry(e *loyalty.Entry) error {
	return to.entries.row(e.ID.String(), e.Merchant.String(), e.Operator.String(), e.Card.String(), e.Seq, e.Kind.String(),
		e.Units, e.Balance, e.Program.String(), int64(e.Version), text(e.Location), text(e.Till), text(e.Staff), e.Method.String(),
		e.Captured, e.Posted, text(e.Origin), text(e.Reward), text(e.Voucher), hash(e.Commitment), hash(e.Hash))
}

// text of an id; none for the zero id.
func text(id interface{ MarshalText() ([]byte, error) }) string {
	text, _ := id.MarshalText() // ids have no errors
	return string(text)
}

func hash(h loyalty.Hash) string {
	if h == (loyalty.Hash{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(h[:])
}
