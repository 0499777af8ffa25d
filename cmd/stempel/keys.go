package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/store"
)

type keysCommand struct {
	List      listKeys   `cmd:"" help:"List all keys with purpose, state and age."`
	Rotate    rotateKeys `cmd:"" help:"Add a key that is published now and signs later; older ones go on verifying."`
	Retire    retireKeys `cmd:"" help:"End a key: what it signed is refused from now on. What it sealed is sealed anew first."`
	Reseal    resealKeys `cmd:"" help:"Bring what is known of members under the keys in use."`
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
	Purpose string        `arg:"" help:"live, receipt, scan, static, link, personal, index, claim, webhook or rotating."`
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
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		if sealsMembers(ring, r.Key) {
			if err := reseal(ctx, db, ring, s); err != nil {
				return err
			}
		}
		if err := ring.Retire(ctx, r.Key, time.Now()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "Key %s is retired: what it signed is refused.\n", r.Key)
		return err
	})
}

// sealsMembers reports whether members would be lost with the key: those that it
// sealed could not be read, those that it indexed not be found.
func sealsMembers(ring *keys.Ring, kid string) bool {
	return slices.ContainsFunc(ring.List(time.Now()), func(k keys.Info) bool {
		return k.KID == kid && (k.Purpose == keys.Personal || k.Purpose == keys.Index)
	})
}

type resealKeys struct{ sealed }

func (r *resealKeys) Run(ctx context.Context, s streams) error {
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error { return reseal(ctx, db, ring, s) })
}

// reseal may be interrupted and begun again: what is under the keys in use
// already stays as it is.
func reseal(ctx context.Context, db *store.Store, ring *keys.Ring, s streams) error {
	box, now := personal.NewBox(ring.MACs(keys.Personal), ring.MACs(keys.Index)), time.Now()
	rows, err := db.Reseal(ctx,
		func(m *loyalty.Member) (bool, error) {
			changed, err := box.ResealMember(m, now)
			return changed, naming(m.ID, err)
		},
		func(m loyalty.MerchantID, c *loyalty.Consent) (bool, error) {
			changed, err := box.ResealConsent(m, c, now)
			return changed, naming(c.ID, err)
		})
	if err != nil {
		return fmt.Errorf("seal members anew (%d rows are done; run it again): %w", rows, err)
	}
	_, err = fmt.Fprintf(s.out, "Members and consents are under the keys in use; %d were sealed anew.\n", rows)
	return err
}

func naming(id fmt.Stringer, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", id, err)
	}
	return err
}

func (s *sealed) withRing(ctx context.Context, do func(*keys.Ring) error) error {
	return s.withStoreAndRing(ctx, func(_ *store.Store, ring *keys.Ring) error { return do(ring) })
}

func (s *sealed) withStoreAndRing(ctx context.Context, do func(*store.Store, *keys.Ring) error) error {
	return s.withStore(ctx, func(db *store.Store) error {
		ring, err := s.keyring(ctx, db)
		if err != nil {
			return err
		}
		return do(db, ring)
	})
}
