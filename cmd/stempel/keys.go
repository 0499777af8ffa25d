package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"stempel/internal/giftcodes"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/store"
	"stempel/internal/webhooks"
)

type newMaster struct{}

func (newMaster) Run(_ context.Context, s streams) error {
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
	Ahead time.Duration `long:"ahead" default:"72h" value-name:"DURATION" description:"How long the new key is published before it signs (by default the offline horizon of tills). Servers learn of it within 5 seconds, so less than 15s needs --force."`
	Force bool          `long:"force" description:"Take a shorter --ahead: other servers refuse what the new key signs until they have learned of it."`
	Args  struct {
		Purpose string `positional-arg-name:"<purpose>" description:"live, receipt, scan, static, link, personal, index, claim, webhook, pass, rotating, tag, lease or statement."`
	} `positional-args:"yes" required:"yes"`
}

// leastAhead leaves every process time to read the keyring, once in vain.
const leastAhead = 3 * keyringEvery

func (r *rotateKeys) Run(ctx context.Context, s streams) error {
	purpose, err := keys.ParsePurpose(r.Args.Purpose)
	if err != nil {
		return err
	}
	if r.Ahead >= 0 && r.Ahead < leastAhead && !r.Force {
		return fmt.Errorf("--ahead %s is so short that other servers would refuse what the new key signs: wait %s, or add --force where no server runs", r.Ahead, leastAhead)
	}
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		now := time.Now()
		kid, err := ring.Rotate(ctx, purpose, now, r.Ahead)
		if err != nil {
			return err
		}
		if err := touchPasses(ctx, db, purpose); err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "Key %s for %s is published and signs from %s.\n",
			kid, purpose, now.Add(r.Ahead).UTC().Format(time.RFC3339))
		return err
	})
}

type retireKeys struct {
	sealed
	Force bool `long:"force" description:"Retire a key of passes although passes in Apple Wallet depend on it: they end, as when it has leaked."`

	Args struct {
		Key string `positional-arg-name:"<key>" description:"The key's id, from stempel keys list."`
	} `positional-args:"yes" required:"yes"`
}

func (r *retireKeys) Run(ctx context.Context, s streams) error {
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		if err := resealFor(ctx, db, ring, s, purposeOf(ring, r.Args.Key)); err != nil {
			return err
		}
		if err := r.sparePasses(ctx, db, ring); err != nil {
			return err
		}
		now := time.Now()
		if err := ring.Retire(ctx, r.Args.Key, now); err != nil {
			return err
		}
		if err := touchPasses(ctx, db, purposeOf(ring, r.Args.Key)); err != nil {
			return err
		}
		ended, err := db.EndPassesUnder(ctx, r.Args.Key, now.UTC().Truncate(time.Microsecond))
		if err != nil {
			return err
		}
		if ended > 0 {
			fmt.Fprintf(s.out, "Passes in Apple Wallet that are updated no more: %d. Their cards get other ones when they are added again.\n", ended)
		}
		_, err = fmt.Fprintf(s.out, "Key %s is retired: what it signed is refused.\n", r.Args.Key)
		return err
	})
}

// sparePasses refuses to retire a key on which passes depend that phones hold: the
// token of a pass in Apple Wallet can never change.
func (r *retireKeys) sparePasses(ctx context.Context, db *store.Store, ring *keys.Ring) error {
	if r.Force || purposeOf(ring, r.Args.Key) != keys.Pass {
		return nil
	}
	n, err := db.PassesUnder(ctx, r.Args.Key)
	if err == nil && n > 0 {
		err = fmt.Errorf("key %s makes the tokens of passes in Apple Wallet (%d), which can never get others: without it their phones are refused, "+
			"and show them for ever as they are now. Keep the key, it makes no new ones; if it has leaked, add --force", r.Args.Key, n)
	}
	return err
}

// purposeOf is what a key is for; empty: there is no such key.
func purposeOf(ring *keys.Ring, kid string) keys.Purpose {
	for _, k := range ring.List(time.Now()) {
		if k.KID == kid {
			return k.Purpose
		}
	}
	return ""
}

// resealFor seals anew what would be lost with a key of this purpose: members that
// it sealed could not be read, those that it indexed not be found, webhooks not be
// signed, and codes of partners not be shown.
func resealFor(ctx context.Context, db *store.Store, ring *keys.Ring, s streams, p keys.Purpose) error {
	switch p {
	case keys.Personal:
		return resealMembers(ctx, db, ring, s)
	case keys.Index:
		return errors.Join(resealMembers(ctx, db, ring, s), resealCodes(ctx, db, ring, s))
	case keys.Code:
		return resealCodes(ctx, db, ring, s)
	case keys.Webhook:
		return resealWebhooks(ctx, db, ring, s)
	}
	return nil
}

type resealKeys struct{ sealed }

func (r *resealKeys) Run(ctx context.Context, s streams) error {
	return r.withStoreAndRing(ctx, func(db *store.Store, ring *keys.Ring) error {
		return errors.Join(resealMembers(ctx, db, ring, s), resealWebhooks(ctx, db, ring, s), resealCodes(ctx, db, ring, s))
	})
}

// resealMembers may be interrupted and begun again: what is under the keys in use
// already stays as it is.
func resealMembers(ctx context.Context, db *store.Store, ring *keys.Ring, s streams) error {
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
	if err == nil {
		var more int64
		more, err = db.ResealAgreements(ctx, func(a *loyalty.Agreement) (bool, error) {
			changed, err := box.ResealAgreement(a, now)
			return changed, naming(a.ID, err)
		})
		rows += more
	}
	if err != nil {
		return fmt.Errorf("seal members anew (%d rows are done; run it again): %w", rows, err)
	}
	_, err = fmt.Fprintf(s.out, "Members and consents are under the keys in use; %d were sealed anew.\n", rows)
	return err
}

// resealWebhooks is resealMembers for webhooks. A secret that cannot be opened any
// more is none already: its merchant has to rotate it, and others do not wait for
// that.
func resealWebhooks(ctx context.Context, db *store.Store, ring *keys.Ring, s streams) error {
	secrets, now := webhooks.NewSecrets(ring.MACs(keys.Webhook)), time.Now()
	lost := map[loyalty.WebhookID]error{}
	rows, err := db.ResealWebhooks(ctx, func(w *loyalty.Webhook) (bool, error) {
		changed, err := secrets.Reseal(w, now)
		if err != nil {
			lost[w.ID] = err
		}
		return changed, nil
	})
	if err != nil {
		return fmt.Errorf("seal the secrets of webhooks anew (%d are done; run it again): %w", rows, err)
	}
	for id, err := range lost {
		fmt.Fprintf(s.out, "The secret of %s has to be rotated: %v.\n", id, err)
	}
	_, err = fmt.Fprintf(s.out, "Secrets of webhooks are under the keys in use; %d were sealed anew.\n", rows)
	return err
}

// resealCodes is resealMembers for codes of partners.
func resealCodes(ctx context.Context, db *store.Store, ring *keys.Ring, s streams) error {
	box, now := giftcodes.NewBox(ring.MACs(keys.Code), ring.MACs(keys.Index)), time.Now()
	rows, err := db.ResealCodes(ctx, func(c *loyalty.GiftCode) (bool, error) {
		changed, err := box.Reseal(c, now)
		return changed, naming(c.ID, err)
	})
	if err != nil {
		return fmt.Errorf("seal codes of partners anew (%d are done; run it again): %w", rows, err)
	}
	_, err = fmt.Fprintf(s.out, "Codes of partners are under the keys in use; %d were sealed anew.\n", rows)
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
