package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/personal"
	"stempel/internal/store"
)

type importCommand struct {
	sealed
	Program  string `long:"program" value-name:"ID" description:"Program of the cards."`
	Merchant string `long:"merchant" value-name:"ID" description:"Whose members they are, when there are no cards."`
	Region   string `long:"region" value-name:"CC" description:"Country of telephone numbers without one, as in DE."`
	DryRun   bool   `long:"dry-run" description:"Store nothing; say what would be stored."`
	Report   string `long:"report" value-name:"FILE" description:"Write what became of each line there, as CSV."`
	Args     struct {
		File string `positional-arg-name:"<file>" description:"CSV file whose first line names its columns: ref, balance and since of cards; name, phone, email, external_id and language of members; consent, consented_at, wording and wording_version. - reads standard input."`
	} `positional-args:"yes" required:"yes"`
}

func (i *importCommand) check(wrong *problems) {
	i.sealed.check(wrong)
	if (i.Program == "") == (i.Merchant == "") {
		wrong.add("--program", "is needed for cards, or --merchant in its place for members alone")
	}
	if personal.CheckRegion(i.Region) != nil {
		wrong.add("--region", "%q must be a country's two capital letters, as in DE", i.Region)
	}
}

// Run moves cards and members in. Running it again goes on where it was
// interrupted, and stores nothing twice.
func (i *importCommand) Run(ctx context.Context, s streams) error {
	tuneMemory(importMemory)
	return i.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		work := moving.Import{
			Region: i.Region, Box: personal.NewBox(ring.MACs(keys.Personal), ring.MACs(keys.Index)), Store: db, Now: time.Now,
			TakeTurns: db.OneWriter() && !i.DryRun,
		}
		if err := i.whose(ctx, db, &work); err != nil {
			return err
		}
		file, err := i.open()
		if err != nil {
			return err
		}
		defer file.Close()
		if !i.DryRun {
			return i.move(ctx, s, &work, file)
		}
		rehearsal, err := db.Rehearse(ctx)
		if err != nil {
			return err
		}
		work.Store = rehearsal
		return errors.Join(i.move(ctx, s, &work, file), rehearsal.Close())
	})
}

// whose finds out whose cards or members they will be.
func (i *importCommand) whose(ctx context.Context, db *store.Store, work *moving.Import) error {
	if i.Program == "" {
		id, err := loyalty.ParseID[loyalty.MerchantID](i.Merchant)
		if err != nil {
			return fmt.Errorf("--merchant: %q is not the id of a merchant", i.Merchant)
		}
		_, err = db.Merchant(ctx, id)
		if errors.Is(err, loyalty.ErrNotFound) {
			return fmt.Errorf("--merchant: there is no merchant %s", i.Merchant)
		}
		work.Merchant = id
		return err
	}
	id, err := loyalty.ParseID[loyalty.ProgramID](i.Program)
	if err != nil {
		return fmt.Errorf("--program: %q is not the id of a program", i.Program)
	}
	work.Program, err = db.ProgramByID(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return fmt.Errorf("--program: there is no program %s", i.Program)
	}
	if err != nil {
		return err
	}
	work.Merchant = work.Program.Merchant
	return nil
}

func (i *importCommand) open() (io.ReadCloser, error) {
	if i.Args.File == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(i.Args.File)
}

func (i *importCommand) move(ctx context.Context, s streams, work *moving.Import, file io.Reader) (err error) {
	reportTo, err := openReport(i.Report)
	if err != nil {
		return err
	}
	report, err := moving.NewCSVReport(reportTo)
	if err != nil {
		return err
	}
	work.Report = report
	totals, err := work.Run(ctx, file)
	err = errors.Join(err, report.Close(), reportTo.Close())
	stored := "stored"
	if i.DryRun {
		stored = "would be stored"
	}
	fmt.Fprintf(s.out, "%d lines: %d %s, %d there already, %d refused.\n", totals.Lines, totals.Stored, stored, totals.There, totals.Refused)
	if totals.Warned > 0 && i.Report == "" {
		fmt.Fprintf(s.out, "Warnings: %d. --report FILE has them, line by line.\n", totals.Warned)
	}
	if totals.Torn > 0 {
		fmt.Fprintf(s.out, "The file ends in line %d without an end of line: look whether it is whole.\n", totals.Torn)
	}
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
