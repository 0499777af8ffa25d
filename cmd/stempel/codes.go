package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"stempel/internal/giftcodes"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type importCodes struct {
	sealed
	Merchant string `long:"merchant" required:"yes" value-name:"ID" description:"Whose reward it is."`
	Reward   string `long:"reward" required:"yes" value-name:"ID" description:"The reward whose pool they are for."`
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
	reward, err := loyalty.ParseID[loyalty.RewardID](i.Reward)
	if err != nil {
		return fmt.Errorf("--reward: %q is not the id of a reward", i.Reward)
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
		batch := giftcodes.NewBox(ring.MACs(keys.Code), ring.MACs(keys.Index)).Batch(merchant, reward, rows, now)
		var told string
		_, err := db.ImportCodes(ctx, loyalty.Answer{}, batch, now, func(there []int, pool *loyalty.CodePool) (loyalty.Answer, error) {
			told = fmt.Sprintf("%d codes were imported as %s, %d were in the pool before, %d stood in the file twice. %d are left.\n",
				len(rows)-len(there), batch.Import, len(there), len(repeats), pool.Free)
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
