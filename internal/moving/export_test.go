package moving_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/moving"
)

// books are cards with what belongs to them.
type books []*loyalty.Decision

func (b books) EachCard(_ context.Context, f func(loyalty.Card, []loyalty.Voucher, iter.Seq2[loyalty.Entry, error]) error) error {
	for _, d := range b {
		entries := func(yield func(loyalty.Entry, error) bool) {
			for _, e := range d.Entries {
				if !yield(e, nil) {
					return
				}
			}
		}
		if err := f(d.Card, d.Issued, entries); err != nil {
			return err
		}
	}
	return nil
}

type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }

func export(t *testing.T, from books, f moving.Format) (map[string]*file, moving.Counts) {
	t.Helper()
	files := map[string]*file{}
	work := moving.Export{
		Merchant: loyaltytest.Merchant, Source: from, Format: f,
		Create: func(name string) (io.WriteCloser, error) { files[name] = new(file); return files[name], nil },
	}
	counts, err := work.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return files, counts
}

func somebodysBooks(t *testing.T) books {
	t.Helper()
	program := loyaltytest.Program(t)
	var all books
	for i, name := range []string{"a", "b", "c"} {
		id := loyalty.MovedCardID(loyaltytest.Merchant, program.ID, name)
		d, err := loyalty.MoveIn(program, loyalty.Command{Merchant: loyaltytest.Merchant, Card: id}, int64(i)*12, loyaltytest.Now.AddDate(-1, 0, 0), loyaltytest.Now, loyalty.NewID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	stranger := *all[2]
	stranger.Card.Merchant = loyaltytest.Stranger
	return append(all, &stranger)
}

func TestExport(t *testing.T) {
	t.Parallel()
	from := somebodysBooks(t)
	tables, counts := export(t, from, moving.CSV)
	objects, again := export(t, from, moving.NDJSON)
	if counts != again || counts.Cards != 3 || counts.Entries == 0 || counts.Vouchers == 0 {
		t.Errorf("%+v and %+v", counts, again)
	}
	for name, want := range map[string]int{"cards": counts.Cards, "entries": counts.Entries, "vouchers": counts.Vouchers} {
		rows, err := csv.NewReader(tables[name+".csv"]).ReadAll()
		if err != nil || len(rows) != want+1 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		lines := strings.Split(strings.TrimSuffix(objects[name+".ndjson"].String(), "\n"), "\n")
		if len(lines) != want {
			t.Fatalf("%s: %d objects", name, len(lines))
		}
		for i, line := range lines {
			decoder := json.NewDecoder(strings.NewReader(line))
			decoder.UseNumber()
			var object map[string]any
			if err := decoder.Decode(&object); err != nil {
				t.Fatalf("%s: %v in %s", name, err, line)
			}
			for column, heading := range rows[0] { // both say the same
				value, given := object[heading]
				if cell := rows[i+1][column]; given != (cell != "") || given && cell != shownAs(value) {
					t.Errorf("%s %d: %s is %q and %v", name, i, heading, cell, value)
				}
			}
		}
	}
}

func shownAs(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return "?"
}

func TestExportFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	work := moving.Export{
		Merchant: loyaltytest.Merchant, Source: somebodysBooks(t), Format: moving.CSV,
		Create: func(name string) (io.WriteCloser, error) {
			if name == "entries.csv" {
				return nil, full
			}
			return new(file), nil
		},
	}
	if _, err := work.Run(t.Context()); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
