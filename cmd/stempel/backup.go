package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"stempel/internal/archive"
	"stempel/internal/store"
)

type backupCommand struct {
	storage
	Args struct {
		File string `positional-arg-name:"<file>" description:"File to write. It must not exist."`
	} `positional-args:"yes" required:"yes"`
}

// Run writes everything of one moment into a file. Tills go on posting.
func (b *backupCommand) Run(ctx context.Context, s streams) error {
	return b.withStore(ctx, func(db *store.Store) error {
		var wrote archive.Manifest
		err := newFile(b.Args.File, func(file *os.File) (err error) {
			wrote, err = db.Backup(ctx, file, time.Now())
			return err
		})
		if err != nil {
			return fmt.Errorf("back up %s: %w", b.place(), err)
		}
		_, err = fmt.Fprintf(s.out, "%s has all of %s: %d rows in %d tables.\n%s\n",
			b.Args.File, b.place(), wrote.RowCount(), len(wrote.Tables), aboutMaster)
		return err
	})
}

// aboutMaster is what people must know of a backup.
const aboutMaster = "The signing keys are in it, sealed. The master key that opens them is not: keep it elsewhere,\n" +
	"since without it every code, receipt and PIN of this backup is void, and nobody can read any more who the members are:\n" +
	"their names, contacts and consents, nor the secrets of webhooks."
