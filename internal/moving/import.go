package moving

import (
	"context"
	"errors"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"stempel/internal/loyalty"
)

// Store keeps cards.
type Store interface {
	// MoveIn stores those cards that are not there yet, and says which they were.
	MoveIn(ctx context.Context, cards []*loyalty.Decision) (fresh []bool, err error)

	// CardsThere says which cards are there.
	CardsThere(ctx context.Context, cards []loyalty.CardID) (map[loyalty.CardID]bool, error)
}

// Import is one file on its way in.
type Import struct {
	Program *loyalty.Program // with its Merchant
	Store   Store
	DryRun  bool // nothing is stored; the report says what would be
	Report  Report
	Now     func() time.Time
}

// Report is told about every line, in the order of the file.
type Report interface {
	Line(Line) error
}

// Line is what became of one.
type Line struct {
	Number int // counted from 1, the header included
	Ref    string
	Card   loyalty.CardID
	Result Result
	Field  string // of a refusal: which column
	Detail string // of a refusal or warning: a sentence
}

// Result of a line.
type Result string

// Results. In a dry run, Stored is what would be.
const (
	Stored  Result = "stored"
	There   Result = "there" // from an earlier import, or an earlier line
	Refused Result = "refused"
)

// Totals of an import.
type Totals struct{ Lines, Stored, There, Refused int }

// batchLines go into one transaction: enough that its trips cost nothing beside
// its rows, and few enough that tills on SQLite, where it keeps the only writer
// for a moment, hardly wait for it.
const batchLines = 5000

// Run reads the file to its end. What it has stored stays, also after an error
// or a cancelled ctx: run it again to go on.
//
// Errors: a *loyalty.FieldError of the header, of reading, of the report, of the
// store.
func (i *Import) Run(ctx context.Context, file io.Reader) (Totals, error) {
	records, err := newRecords(file)
	if err != nil {
		return Totals{}, err
	}
	first, err := records.next()
	if errors.Is(err, io.EOF) {
		err = errEmpty
	}
	if err = errors.Join(err, first.err); err != nil {
		return Totals{}, err
	}
	columns, err := parseHeader(first.fields)
	if err != nil {
		return Totals{}, err
	}

	// One batch is decided while the one before it is being stored.
	var totals Totals
	seen := map[loyalty.CardID]bool{}
	decided := make(chan []*arrival, 1)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		defer close(decided)
		return i.read(ctx, records, columns, decided)
	})
	work.Go(func() error {
		for batch := range decided {
			if err := i.settle(ctx, batch, seen, &totals); err != nil {
				return err
			}
		}
		return nil
	})
	err = work.Wait()
	return totals, err
}

// arrival is a line on its way.
type arrival struct {
	Line
	decision *loyalty.Decision // nil: refused
}

func (i *Import) read(ctx context.Context, from *records, columns header, to chan<- []*arrival) error {
	for {
		batch := make([]*arrival, 0, batchLines)
		var ended error
		for len(batch) < batchLines && ended == nil {
			var one record
			if one, ended = from.next(); ended == nil {
				batch = append(batch, i.decide(one, columns))
			}
		}
		if len(batch) > 0 {
			select {
			case to <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if errors.Is(ended, io.EOF) {
			return nil
		}
		if ended != nil {
			return ended
		}
	}
}

// decide makes a card of a record.
func (i *Import) decide(one record, columns header) *arrival {
	a := &arrival{Line: Line{Number: one.line, Result: Refused}}
	if one.err != nil {
		a.Field, a.Detail = "line", one.err.Error()
		return a
	}
	row, err := columns.parse(one.fields)
	if err != nil {
		return a.refuse(err, one.torn)
	}
	now := i.Now().UTC().Truncate(time.Microsecond)
	a.Ref = row.Ref
	a.Card = loyalty.MovedCardID(i.Program.Merchant, i.Program.ID, row.Ref)
	command := loyalty.Command{Merchant: i.Program.Merchant, Card: a.Card}
	a.decision, err = loyalty.MoveIn(i.Program, command, row.Balance, row.Since, now, loyalty.NewID)
	if err != nil {
		return a.refuse(err, one.torn)
	}
	a.Result = Stored
	if one.torn {
		a.Detail = "The file ends here without an end of line: look whether it is whole."
	}
	return a
}

func (a *arrival) refuse(err error, torn bool) *arrival {
	var field *loyalty.FieldError
	var refusal *loyalty.Refusal
	switch {
	case errors.As(err, &field):
		a.Field, a.Detail = field.Field, field.Problem
	case errors.As(err, &refusal):
		a.Field, a.Detail = colBalance, refusal.Message
	default:
		a.Field, a.Detail = "line", err.Error()
	}
	if torn {
		a.Detail += "; the file ends in the middle of this line"
	}
	return a
}

// settle stores a batch and reports on it.
func (i *Import) settle(ctx context.Context, batch []*arrival, seen map[loyalty.CardID]bool, totals *Totals) error {
	cards := make([]*loyalty.Decision, 0, len(batch))
	for _, a := range batch {
		if a.decision != nil {
			cards = append(cards, a.decision)
		}
	}
	store := i.Store.MoveIn
	if i.DryRun {
		store = func(ctx context.Context, cards []*loyalty.Decision) ([]bool, error) {
			return i.rehearse(ctx, cards, seen)
		}
	}
	fresh, err := store(ctx, cards)
	if err != nil {
		return err
	}
	next := 0
	for _, a := range batch {
		if a.decision != nil {
			if !fresh[next] {
				a.Result = There
			}
			next++
		}
		totals.add(a.Result)
		if err := i.Report.Line(a.Line); err != nil {
			return err
		}
	}
	return nil
}

// rehearse says what MoveIn would. It alone has to remember the whole file: some
// 40 MB for a million lines.
func (i *Import) rehearse(ctx context.Context, cards []*loyalty.Decision, seen map[loyalty.CardID]bool) ([]bool, error) {
	ids := make([]loyalty.CardID, len(cards))
	for n, d := range cards {
		ids[n] = d.Card.ID
	}
	there, err := i.Store.CardsThere(ctx, ids)
	if err != nil {
		return nil, err
	}
	fresh := make([]bool, len(cards))
	for n, id := range ids {
		fresh[n] = !there[id] && !seen[id]
		seen[id] = true
	}
	return fresh, nil
}

func (t *Totals) add(r Result) {
	t.Lines++
	switch r {
	case Stored:
		t.Stored++
	case There:
		t.There++
	case Refused:
		t.Refused++
	}
}
