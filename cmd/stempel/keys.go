package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"stempel/internal/keys"
	"stempel/internal/store"
)

type keysCommand struct {
	List      listKeys   `cmd:"" help:"List all keys with purpose, state and age."`
	Rotate    rotateKeys `cmd:"" help:"Add a key that is published now and signs later; older ones go on verifying."`
	Retire    retireKeys `cmd:"" help:"End a key: what it signed is refused from now on."`
	NewMaster newMaster  `cmd:"" help:"Print a fresh master key for STEMPEL_MASTER_KEY."`
}

type newMaster struct{}

func (newMaster) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, keys.NewMaster())
	return err
}

type listKeys struct{ sealed }

func (l *listKeys) Run(ctx context.Context, s streams) error {
	return l.withRing(ctx, func(ring *keys.Ring) error {
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "KEY\tPURPOSE\tSTATE\tCREATED\tSIGNS FROM")
		for _, key := range ring.List(time.Now()) {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", key.KID, key.Purpose, key.State,
				key.Created.UTC().Format(time.DateTime), key.SignsFrom.UTC().Format(time.DateTime))
		}
		return table.Flush()
	})
}

type rotateKeys struct {
	sealed
	Purpose string        `arg:"" help:"live, receipt, scan, static, link or webhook."`
	Ahead   time.Duration `default:"72h" help:"How long the new key is published before it signs (${default}: the offline horizon of tills)."`
}

func (r *rotateKeys) Run(ctx context.Context, s streams) error {
	purpose, err := keys.ParsePurpose(r.Purpose)
	if err != nil {
		return err
	}
	return r.withRing(ctx, func(ring *keys.Ring) error {
		now := time.Now()
		kid, err := ring.Rotate(ctx, purpose, now, r.Ahead)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "Key %s for %s is published and signs from %s.\n",
			kid, purpose, now.Add(r.Ahead).UTC().Format(time.RFC3339))
		return err
	})
}

type retireKeys struct {
	sealed
	Key string `arg:"" help:"The key's id, from stempel keys list."`
}

func (r *retireKeys) Run(ctx context.Context, s streams) error {
	return r.withRing(ctx, func(ring *keys.Ring) error {
		if err := ring.Retire(ctx, r.Key, time.Now()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "Key %s is retired: what it signed is refused.\n", r.Key)
		return err
	})
}

func (s *sealed) withRing(ctx context.Context, do func(*keys.Ring) error) error {
	return s.withStore(ctx, func(db *store.Store) error {
		ring, err := s.keyring(ctx, db)
		if err != nil {
			return err
		}
		return do(ring)
	})
}
