package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/personal"
	"stempel/internal/store"
)

type exportCommand struct {
	sealed
	Folder   string `arg:"" help:"Folder to write into: an empty one, or one that is not there yet."`
	Merchant string `required:"" placeholder:"ID" help:"Whose data."`
	Format   string `default:"csv" enum:"csv,ndjson" help:"csv for spreadsheets, ndjson for programs (${default})."`
}

// Run writes everything of a merchant, while tills go on posting. Its files appear
// when all of them are whole.
func (e *exportCommand) Run(ctx context.Context, s streams) error {
	merchant, err := loyalty.ParseID[loyalty.MerchantID](e.Merchant)
	if err != nil {
		return fmt.Errorf("--merchant: %q is not the id of a merchant", e.Merchant)
	}
	return e.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		work := moving.Export{
			Merchant: merchant, Source: db, Format: moving.Format(e.Format),
			Box: personal.NewBox(ring.MACs(keys.Personal), ring.MACs(keys.Index)),
		}
		var counts moving.Counts
		err := fillFolder(e.Folder, func(create func(string) (io.WriteCloser, error)) (err error) {
			work.Create = create
			counts, err = work.Run(ctx)
			return err
		})
		if errors.Is(err, loyalty.ErrNotFound) {
			return fmt.Errorf("--merchant: there is no merchant %s", e.Merchant)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "%s: %d cards, %d members, %d vouchers, %d entries, in %d files.\n",
			e.Folder, counts["cards"], counts["members"], counts["vouchers"], counts["entries"], len(counts))
		return err
	})
}

// fillFolder makes files in a folder that is empty, all of them or none. They are
// written into a folder within it, which is taken away at the end.
func fillFolder(folder string, fill func(create func(name string) (io.WriteCloser, error)) error) (err error) {
	made := os.Mkdir(folder, 0o700) == nil
	there, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s is not empty: choose another folder", folder)
	}
	part, err := os.MkdirTemp(folder, ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(part))
		if err != nil && made {
			_ = os.Remove(folder) // unless some files are in it already
		}
	}()
	var names []string
	err = fill(func(name string) (io.WriteCloser, error) {
		names = append(names, name)
		return os.OpenFile(filepath.Join(part, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	})
	for _, name := range names {
		if err == nil {
			err = os.Rename(filepath.Join(part, name), filepath.Join(folder, name))
		}
	}
	return err
}
