package main

import (
	"context"
	"fmt"
	"time"

	"stempel/internal/ledger"
	"stempel/internal/store"
)

type auditCommand struct{ storage }

// Run recomputes the whole ledger. It reads while tills go on posting.
func (a *auditCommand) Run(ctx context.Context, s streams) error {
	return a.withStore(ctx, func(db *store.Store) error { return audit(ctx, db, s) })
}

// audit tells what holds and what does not; the latter is an error as well.
func audit(ctx context.Context, db *store.Store, s streams) error {
	found, err := ledger.Audit(ctx, db, time.Now())
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	for _, flaw := range found.Flaws {
		fmt.Fprintln(s.out, flaw)
	}
	if found.Flawed > 0 {
		return fmt.Errorf("the ledger does not hold: %d of %d cards are flawed", found.Flawed, found.Cards)
	}
	if found.Altered > 0 {
		return fmt.Errorf("the ledger does not hold: %d of %d purchases and notes are not what was committed to", found.Altered, found.Details)
	}
	if found.Stray > 0 {
		return fmt.Errorf("the ledger does not hold: %d of %d items that tills sent later are not what they were posted as", found.Stray, found.Items)
	}
	if found.Loose > 0 {
		return fmt.Errorf("the ledger does not hold: %d of %d codes of partners are not what a redemption handed out", found.Loose, found.Codes)
	}
	if found.Unfounded > 0 {
		return fmt.Errorf("the ledger does not hold: %d of %d partnerships are of no coalition", found.Unfounded, found.Partnerships)
	}
	_, err = fmt.Fprintf(s.out, "The ledger holds: %d cards, %d entries, every chain and balance.\n", found.Cards, found.Entries)
	return err
}
