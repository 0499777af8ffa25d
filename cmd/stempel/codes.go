package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"stempel/internal/giftcodes"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type importCodes struct {
	sealed
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose reward it is."`
	Reward   string `long:"reward" required:"yes" value-name:"REWARD" description:"The reward whose pool they are for: its id, or PROGRAM/REWARD by the keys that files have."`
	Args     struct {
		File string `positional-arg-name:"<file>" description:"CSV file with a code a line, and if you like until when it is good. - reads standard input."`
	} `positional-args:"yes" required:"yes"`
}

// Run puts the codes of a file into a pool: all of them, or none. Running it again
// adds nothing.
func (i *importCodes) Run(ctx context.Context, s streams) error {
	merchant, err := loyalty.ParseID[loyalty.MerchantID](i.Merchant)
	if err != nil {
		return fmt.Errorf("--merchant: %q is not the id of a merchant", i.Merchant)
	}
	file, err := i.read()
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	rows, repeats, err := giftcodes.Read(file, now)
	if err != nil {
		return fmt.Errorf("%w Nothing was imported", err)
	}
	return i.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		reward, err := i.reward(ctx, db, merchant)
		if err != nil {
			return err
		}
		batch := giftcodes.NewBox(ring.MACs(keys.Code), ring.MACs(keys.Index)).Batch(merchant, reward, rows, now)
		var told string
		_, err = db.ImportCodes(ctx, loyalty.Answer{}, batch, now, func(there []int, left int64) (loyalty.Answer, error) {
			if len(there) == len(rows) {
				told = fmt.Sprintf("Nothing was imported: all %d codes were in the pool before. %d are left.\n", len(rows), left)
				return loyalty.Answer{}, nil
			}
			told = fmt.Sprintf("%d codes were imported as %s, %d were in the pool before, %d stood in the file twice. %d are left.\n",
				len(rows)-len(there), batch.Import, len(there), len(repeats), left)
			return loyalty.Answer{}, nil
		})
		if errors.Is(err, loyalty.ErrNotFound) {
			return fmt.Errorf("--reward: the merchant has no reward %s", i.Reward)
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.out, told)
		return err
	})
}

// reward is the one that is named by its id, or by the keys of its program and itself.
func (i *importCodes) reward(ctx context.Context, db *store.Store, m loyalty.MerchantID) (id loyalty.RewardID, err error) {
	program, key, keyed := strings.Cut(i.Reward, "/")
	if !keyed {
		if id, err = loyalty.ParseID[loyalty.RewardID](i.Reward); err != nil {
			return id, fmt.Errorf("--reward: %q is not the id of a reward, and not PROGRAM/REWARD, as in cafe/coffee", i.Reward)
		}
		return id, nil
	}
	programs, err := db.Programs(ctx, m)
	if err != nil {
		return id, err
	}
	found, err := withKey(programs, program)
	switch {
	case err != nil:
		return id, fmt.Errorf("--reward: %w", err)
	case found == nil:
		return id, fmt.Errorf("--reward: the merchant has no program with the key %s", program)
	}
	for id, named := range found.RewardKeys() {
		if named == key {
			return id, nil
		}
	}
	return id, fmt.Errorf("--reward: the program %s has no reward with the key %s", program, key)
}

// read reads one byte more than a file may have: it is told then.
func (i *importCodes) read() ([]byte, error) {
	from := io.Reader(os.Stdin)
	if i.Args.File != "-" {
		file, err := os.Open(i.Args.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		from = file
	}
	return io.ReadAll(io.LimitReader(from, giftcodes.MaxFile+1))
}
