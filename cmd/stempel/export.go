package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose data."`
	Format   string `long:"format" default:"csv" choice:"csv" choice:"ndjson" description:"csv for spreadsheets, ndjson for programs."`
	Args     struct {
		Folder string `positional-arg-name:"<folder>" description:"Folder to write into: an empty one, or one that is not there yet."`
	} `positional-args:"yes" required:"yes"`
}

// Run writes everything of a merchant, while tills go on posting. Its files appear
// when all of them are whole: see fillFolder.
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
		err := fillFolder(e.Args.Folder, func(create func(string) (io.WriteCloser, error)) (err error) {
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
			e.Args.Folder, counts["cards"], counts["members"], counts["vouchers"], counts["entries"], len(counts)+counts["images"])
		return err
	})
}

// fillFolder makes files in a folder. One that is not there yet appears with all of
// them, or not at all. One that is empty may be somebody's mount: it stays, and gets
// them one after the other once all are written; only a crash right then leaves some.
func fillFolder(folder string, fill func(create func(name string) (io.WriteCloser, error)) error) (err error) {
	folder = filepath.Clean(folder)
	there, err := os.ReadDir(folder)
	fresh := errors.Is(err, fs.ErrNotExist)
	beside := folder
	switch {
	case fresh:
		beside = filepath.Dir(folder)
	case err != nil:
		return err
	case len(there) > 0:
		return fmt.Errorf("%s is not empty: choose another folder", folder)
	}
	part, err := os.MkdirTemp(beside, ".part-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	var names []string
	err = fill(func(name string) (io.WriteCloser, error) {
		names = append(names, name)
		return os.OpenFile(filepath.Join(part, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	})
	switch {
	case err != nil:
		return err
	case fresh:
		return os.Rename(part, folder)
	}
	return moveFiles(names, part, folder)
}

// moveFiles moves all files, or takes back those that it has moved.
func moveFiles(names []string, from, to string) error {
	for i, name := range names {
		err := os.Rename(filepath.Join(from, name), filepath.Join(to, name))
		if err == nil {
			continue
		}
		for _, moved := range names[:i] {
			err = errors.Join(err, os.Remove(filepath.Join(to, moved)))
		}
		return err
	}
	return nil
}
