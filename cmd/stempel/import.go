package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/store"
)

type importCommand struct {
	storage
	File    string `arg:"" help:"CSV file whose first line names its columns: ref, balance, since. - reads standard input."`
	Program string `required:"" placeholder:"ID" help:"Program of the cards."`
	DryRun  bool   `help:"Store nothing; say what would be stored."`
	Report  string `placeholder:"FILE" help:"Write what became of each line there, as CSV."`
}

// Run moves cards in. Running it again goes on where it was interrupted, and
// stores nothing twice.
func (i *importCommand) Run(ctx context.Context, s streams) error {
	program, err := loyalty.ParseID[loyalty.ProgramID](i.Program)
	if err != nil {
		return fmt.Errorf("--program: %q is not the id of a program", i.Program)
	}
	return i.withStore(ctx, func(db *store.Store) error {
		rules, err := db.ProgramByID(ctx, program)
		if errors.Is(err, loyalty.ErrNotFound) {
			return fmt.Errorf("--program: there is no program %s", i.Program)
		}
		if err != nil {
			return err
		}
		file, err := i.open()
		if err != nil {
			return err
		}
		defer file.Close()
		return i.move(ctx, s, db, rules, file)
	})
}

func (i *importCommand) open() (io.ReadCloser, error) {
	if i.File == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(i.File)
}

func (i *importCommand) move(ctx context.Context, s streams, db *store.Store, rules *loyalty.Program, file io.Reader) (err error) {
	reportTo, err := i.reportFile()
	if err != nil {
		return err
	}
	report, err := moving.NewCSVReport(reportTo)
	if err != nil {
		return err
	}
	work := moving.Import{Program: rules, Store: db, DryRun: i.DryRun, Report: report, Now: time.Now}
	totals, err := work.Run(ctx, file)
	err = errors.Join(err, report.Close(), reportTo.Close())
	stored := "stored"
	if i.DryRun {
		stored = "would be stored"
	}
	fmt.Fprintf(s.out, "%d lines: %d %s, %d there already, %d refused.\n", totals.Lines, totals.Stored, stored, totals.There, totals.Refused)
	var field *loyalty.FieldError
	switch {
	case errors.As(err, &field):
		return fmt.Errorf("the first line: %s %s", field.Field, field.Problem)
	case err != nil:
		return fmt.Errorf("%w (what was stored stays; run the same import again to go on)", err)
	case totals.Refused > 0 && i.Report == "":
		return fmt.Errorf("%d lines were refused: --report FILE says why", totals.Refused)
	case totals.Refused > 0:
		return fmt.Errorf("%d lines were refused: see %s", totals.Refused, i.Report)
	}
	return nil
}

func (i *importCommand) reportFile() (io.WriteCloser, error) {
	if i.Report == "" {
		return discard{io.Discard}, nil
	}
	return os.OpenFile(i.Report, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}

type discard struct{ io.Writer }

func (discard) Close() error { return nil }
