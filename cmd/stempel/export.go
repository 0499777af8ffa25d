package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/store"
)

type exportCommand struct {
	storage
	Folder   string `arg:"" help:"Folder to write into; it is made, and files in it are not written over."`
	Merchant string `required:"" placeholder:"ID" help:"Whose data."`
	Format   string `default:"csv" enum:"csv,ndjson" help:"csv for spreadsheets, ndjson for programs (${default})."`
}

// Run writes everything of a merchant, while tills go on posting.
func (e *exportCommand) Run(ctx context.Context, s streams) error {
	merchant, err := loyalty.ParseID[loyalty.MerchantID](e.Merchant)
	if err != nil {
		return fmt.Errorf("--merchant: %q is not the id of a merchant", e.Merchant)
	}
	return e.withStore(ctx, func(db *store.Store) error {
		if err := os.MkdirAll(e.Folder, 0o700); err != nil {
			return err
		}
		work := moving.Export{Merchant: merchant, Source: db, Format: moving.Format(e.Format), Create: e.create}
		counts, err := work.Run(ctx)
		if err != nil {
			return err
		}
		if counts.Cards == 0 {
			return errors.New("this merchant has no cards")
		}
		_, err = fmt.Fprintf(s.out, "%s: %d cards, %d vouchers, %d entries.\n", e.Folder, counts.Cards, counts.Vouchers, counts.Entries)
		return err
	})
}

func (e *exportCommand) create(name string) (io.WriteCloser, error) {
	return os.OpenFile(filepath.Join(e.Folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}
