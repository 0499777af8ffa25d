package moving

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// Store keeps what moves in. A dry run has one that keeps nothing.
type Store interface {
	// MoveIn stores a batch at once, or nothing of it. decide may be called again.
	MoveIn(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error)
}

// Import is one file on its way in.
type Import struct {
	Merchant loyalty.MerchantID
	Program  *loyalty.Program // of the cards, the Merchant's; nil: members alone
	Region   string           // of national telephone numbers (ISO 3166, "DE"); empty: there are none
	Box      *personal.Box
	Store    Store
	Report   Report
	Now      func() time.Time

	// TakeTurns leaves the store to others between batches, which are small then:
	// for one that has a single writer among all processes (SQLite).
	TakeTurns bool
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
	Member loyalty.MemberID // of a stored card, or a member alone
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
type Totals struct {
	Lines, Stored, There, Refused int

	Warned int // lines that were not refused, and of which there is something to say
	Torn   int // the number of the last line, if the file ends in it without an end of line
}

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
	if err == nil && i.Program == nil && columns.has(colRef) {
		err = wrong(colRef, "names cards, whose program is not given")
	}
	if err != nil {
		return Totals{}, err
	}

	records.width, records.broken = len(columns), slices.Index(columns, colWording)

	// One batch is decided while the one before it is being stored.
	var totals Totals
	decided := make(chan *batch, 1)
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		defer close(decided)
		return i.read(ctx, records, columns, decided)
	})
	work.Go(func() error {
		for b := range decided {
			began := time.Now()
			if err := i.settle(ctx, b, &totals); err != nil {
				return err
			}
			if err := i.rest(ctx, time.Since(began)); err != nil {
				return err
			}
		}
		return nil
	})
	err = work.Wait()
	return totals, err
}

func (i *Import) read(ctx context.Context, from *records, columns header, to chan<- *batch) error {
	for {
		b := i.begin(i.batchLines())
		var ended error
		for len(b.arrivals) < cap(b.arrivals) && ended == nil {
			var one record
			if one, ended = from.next(); ended == nil {
				b.arrivals = append(b.arrivals, i.arrive(b, one, columns))
			}
		}
		if len(b.arrivals) > 0 {
			select {
			case to <- b:
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

func (i *Import) begin(lines int) *batch {
	return &batch{
		merchant: i.Merchant, box: i.Box, now: i.Now().UTC().Truncate(time.Microsecond),
		arrivals: make([]arrival, 0, lines),
	}
}

// arrive reads a record.
func (i *Import) arrive(b *batch, one record, columns header) arrival {
	cells, err := Cells{}, one.err
	if err == nil {
		cells, err = columns.cells(one.fields)
	}
	a := arrival{Line: Line{Number: one.line}}
	if err == nil {
		err = i.decide(b, &a, &cells)
	}
	switch {
	case err != nil:
		a.fail(err)
		if one.torn {
			a.Detail += "; the file ends in the middle of this line"
		}
	case one.torn:
		a.Detail = "The file ends here without an end of line: look whether it is whole."
	}
	a.torn = one.torn
	return a
}

// decide makes a card, a member, or both of a line. Errors: *loyalty.FieldError,
// *loyalty.Refusal.
func (i *Import) decide(b *batch, a *arrival, cells *Cells) (err error) {
	a.row, err = cells.parse(i.Region, b.now)
	a.Ref = a.row.Ref // also of a line that is refused for something else
	if err != nil {
		return err
	}
	if a.row.ofMember() {
		a.member = loyalty.Member{ID: loyalty.NewID(), Merchant: i.Merchant, Created: b.now, Changed: b.now}
		i.Box.SealMember(&a.member, &a.row.Profile, b.now)
		for _, c := range a.row.Profile.Contacts() {
			a.contacts = append(a.contacts, contact{c, i.Box.Indexes(i.Merchant, c)})
		}
	}
	if a.row.Ref == "" {
		return nil
	}
	if i.Program == nil {
		return wrong(colRef, "names a card, whose program is not given")
	}
	a.Card = loyalty.MovedCardID(i.Merchant, i.Program.ID, a.Ref)
	command := loyalty.Command{Merchant: i.Merchant, Card: a.Card}
	a.card, err = loyalty.MoveIn(i.Program, command, a.row.Balance, a.row.Since, b.now, loyalty.NewID)
	return err
}

// fail refuses a line.
func (l *Line) fail(err error) {
	var field *loyalty.FieldError
	var refusal *loyalty.Refusal
	switch {
	case errors.As(err, &field):
		l.refuse(field.Field, field.Problem)
	case errors.As(err, &refusal) && refusal.Code == loyalty.UnitsOutOfRange:
		l.refuse(colBalance, refusal.Message)
	case errors.As(err, &refusal): // by the program
		l.refuse(colRef, refusal.Message)
	default:
		l.refuse("line", err.Error())
	}
}

// refuse keeps what there was to say of the line before.
func (l *Line) refuse(field, problem string) {
	l.Card, l.Member = loyalty.CardID{}, loyalty.MemberID{}
	l.Result, l.Field, l.Detail = Refused, field, strings.TrimSpace(problem+" "+l.Detail)
}

// settle stores a batch and reports on it.
func (i *Import) settle(ctx context.Context, b *batch, totals *Totals) error {
	var lines []Line
	_, err := i.Store.MoveIn(ctx, loyalty.Answer{}, b.arriving(), func(known *loyalty.Known) (arrivals loyalty.Arrivals, _ loyalty.Answer, err error) {
		arrivals, lines, err = b.place(known)
		return arrivals, loyalty.Answer{}, err
	})
	if err != nil {
		return err
	}
	for n, l := range lines {
		totals.add(l)
		if b.arrivals[n].torn {
			totals.Torn = l.Number
		}
		if err := i.Report.Line(l); err != nil {
			return err
		}
	}
	return nil
}

func (t *Totals) add(l Line) {
	t.Lines++
	if l.Result != Refused && l.Detail != "" {
		t.Warned++
	}
	switch l.Result {
	case Stored:
		t.Stored++
	case There:
		t.There++
	case Refused:
		t.Refused++
	}
}
