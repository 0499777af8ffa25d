package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"stempel/internal/credential"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

type addMerchant struct {
	storage
	Name string `long:"name" required:"yes" unquote:"false" value-name:"NAME" description:"What customers know it by."`
	Zone string `long:"zone" value-name:"ZONE" description:"An IANA time zone, such as Europe/Warsaw: makes a first location there, of the same name."`
}

func (a *addMerchant) check(wrong *problems) {
	a.storage.check(wrong)
	if err := loyalty.CheckName("--name", a.Name); err != nil {
		wrong.add("--name", "must be one line of 1 to 100 characters")
	}
	if _, err := time.LoadLocation(a.Zone); err != nil || a.Zone == "Local" {
		wrong.add("--zone", "%q must be an IANA time zone, such as Europe/Warsaw", a.Zone)
	}
}

func (a *addMerchant) Run(ctx context.Context, s streams) error {
	now := time.Now()
	merchant := loyalty.Merchant{ID: loyalty.NewID(), Name: a.Name, Created: now}
	location := loyalty.Location{ID: loyalty.NewID(), Merchant: merchant.ID, Name: a.Name}
	key, secret := newAdminKey(merchant.ID)
	insert := func(tx *store.Tx) error {
		if err := tx.InsertMerchant(merchant); err != nil {
			return err
		}
		if a.Zone != "" {
			if err := tx.InsertLocation(location); err != nil {
				return err
			}
		}
		return tx.InsertAPIKey(key, firstKey, now)
	}
	err := a.withStore(ctx, func(db *store.Store) (err error) {
		if location.Zone, err = time.LoadLocation(a.Zone); err != nil {
			return err
		}
		return inTransaction(ctx, db, insert)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "merchant ", merchant.ID)
	if a.Zone != "" {
		fmt.Fprintln(s.out, "location ", location.ID)
	}
	return showKey(s, secret)
}

// firstKey is what keys are called that are made here.
const firstKey = "made by stempel merchant"

func newAdminKey(m loyalty.MerchantID) (loyalty.Access, string) {
	key := loyalty.Access{Merchant: m, Key: loyalty.NewID(), Scope: loyalty.Admin}
	var secret string
	secret, key.Hash = credential.NewKeySecret(key.Key)
	return key, secret
}

func showKey(s streams, secret string) error {
	fmt.Fprintln(s.err, "Keep the admin key: it is not shown again.")
	_, err := fmt.Fprintln(s.out, "admin key", secret)
	return err
}

func inTransaction(ctx context.Context, db *store.Store, f func(*store.Tx) error) error {
	_, err := db.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (loyalty.Answer, error) { return loyalty.Answer{}, f(tx) })
	return err
}

type listMerchants struct{ storage }

func (l *listMerchants) Run(ctx context.Context, s streams) error {
	return l.withStore(ctx, func(db *store.Store) error {
		merchants, err := db.Merchants(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "MERCHANT\tCREATED\tNAME")
		for _, m := range merchants {
			fmt.Fprintf(table, "%s\t%s\t%s\n", m.ID, m.Created.UTC().Format(time.DateTime), m.Name)
		}
		return table.Flush()
	})
}

type merchantKey struct {
	storage
	Args struct {
		Merchant string `positional-arg-name:"<merchant>" description:"The merchant's id, from stempel merchant list."`
	} `positional-args:"yes" required:"yes"`
}

func (k *merchantKey) Run(ctx context.Context, s streams) error {
	id, err := loyalty.ParseID[loyalty.MerchantID](k.Args.Merchant)
	if err != nil {
		return fmt.Errorf("%q is not a merchant's id (stempel merchant list shows them)", k.Args.Merchant)
	}
	key, secret := newAdminKey(id)
	err = k.withStore(ctx, func(db *store.Store) error {
		if _, err := db.Merchant(ctx, id); err != nil {
			return fmt.Errorf("merchant %s: %w", id, err)
		}
		return inTransaction(ctx, db, func(tx *store.Tx) error { return tx.InsertAPIKey(key, firstKey, time.Now()) })
	})
	if err != nil {
		return err
	}
	return showKey(s, secret)
}
