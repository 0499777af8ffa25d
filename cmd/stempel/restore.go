package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"stempel/internal/archive"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type restoreCommand struct {
	storage
	Args struct {
		File string `positional-arg-name:"<file>" description:"File that stempel backup wrote."`
	} `positional-args:"yes" required:"yes"`
}

func (r *restoreCommand) check(wrong *problems) {
	r.storage.check(wrong)
	if r.DatabaseURL == "" {
		checkFolder(wrong, "STEMPEL_DATA", r.Data)
	}
}

// Run restores into an empty database, and proves what is then in it. A file that
// is not whole is refused before anything is touched.
func (r *restoreCommand) Run(ctx context.Context, s streams) (err error) {
	file, err := os.Open(r.Args.File)
	if err != nil {
		return err
	}
	defer file.Close()
	kept, err := openArchive(file)
	if err != nil {
		return fmt.Errorf("%s %w. Nothing was restored", r.Args.File, err)
	}
	db, err := store.Open(ctx, r.url(), store.Options{})
	if err != nil {
		return fmt.Errorf("open the database %s: %w", r.place(), err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Restore(ctx, kept); err != nil {
		return r.failed(err)
	}
	if _, err := fmt.Fprintf(s.out, "%s has what %s had at %s: %d rows in %d tables.\n", r.place(), kept.Database,
		kept.Made.Format("2006-01-02 15:04:05 MST"), kept.RowCount(), len(kept.Tables)); err != nil {
		return err
	}
	if err := audit(ctx, db, s); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "Serve it with the master key that it was made with: that is not in a backup.")
	return err
}

// failed says what is in the database after all.
func (r *restoreCommand) failed(err error) error {
	switch {
	case errors.Is(err, store.ErrNotUpToDate):
		return fmt.Errorf("restore into %s: %w. Mend the cause and run stempel migrate, then stempel audit", r.place(), err)
	case errors.Is(err, loyalty.ErrOutcomeUnknown):
		return fmt.Errorf("restore into %s: the connection was lost while all of it was committed. Run it again: if it was, you are told that there is a merchant (%w)", r.place(), err)
	}
	return fmt.Errorf("nothing was restored into %s: %w", r.place(), err)
}

func openArchive(file *os.File) (*archive.Reader, error) {
	about, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return archive.Open(file, about.Size())
}
