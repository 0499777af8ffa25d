package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"stempel/api"
	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/internal/templates"
)

// seed makes a merchant with a shop, a till, a manager, a cashier, a key, and a program of
// each template, all or nothing.
func seed(ctx context.Context, s *server) (*demoNotes, error) {
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		return nil, err
	}
	now := time.Now()
	merchant := loyalty.Merchant{ID: loyalty.NewID(), Name: "Demo shop", Created: now}
	location := loyalty.Location{ID: loyalty.NewID(), Merchant: merchant.ID, Name: "Main Street", Zone: zone}
	till := loyalty.Till{ID: loyalty.NewID(), Merchant: merchant.ID, Location: location.ID, Name: "Counter", Zone: zone}
	manager := loyalty.Staff{ID: loyalty.NewID(), Merchant: merchant.ID, Name: "Manager", Role: loyalty.Manager}
	cashier := loyalty.Staff{ID: loyalty.NewID(), Merchant: merchant.ID, Name: "Anna", Role: loyalty.Cashier}
	key := loyalty.Access{Merchant: merchant.ID, Key: loyalty.NewID(), Scope: loyalty.Admin}

	notes := &demoNotes{
		Merchant:   merchant.ID,
		ManagerPIN: randomPIN(), CashierPIN: randomPIN(),
		Programs: map[string]loyalty.ProgramID{}, Rewards: map[string]loyalty.RewardID{},
	}
	var tillHash loyalty.Hash
	notes.TillToken, tillHash = credential.NewTillSecret(till.ID)
	notes.APIKey, key.Hash = credential.NewKeySecret(key.Key)
	_, pinKey := s.ring.MACs(keys.PIN).Current(now)
	pins := credential.NewPINs(pinKey)
	for notes.CashierPIN == notes.ManagerPIN { // no two people share one
		notes.CashierPIN = randomPIN()
	}

	_, err = s.store.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (none loyalty.Answer, err error) {
		for _, insert := range []func() error{
			func() error { return tx.InsertMerchant(merchant) },
			func() error { return tx.InsertLocation(location) },
			func() error { return tx.InsertTill(till, tillHash, now) },
			func() error { return tx.InsertStaff(manager, pins.MAC(merchant.ID, notes.ManagerPIN), now) },
			func() error { return tx.InsertStaff(cashier, pins.MAC(merchant.ID, notes.CashierPIN), now) },
			func() error { return tx.InsertAPIKey(key, "demo", now) },
			func() error { return notes.insertPrograms(tx, merchant.ID, now) },
		} {
			if err := insert(); err != nil {
				return none, err
			}
		}
		return none, nil
	})
	if err != nil {
		return nil, err
	}
	program, err := s.store.Program(ctx, merchant.ID, notes.Programs["pharmacy"])
	if err != nil {
		return nil, err
	}
	return notes, seedCodes(ctx, s, merchant.ID, program.Rewards, now)
}

func (n *demoNotes) insertPrograms(tx *store.Tx, merchant loyalty.MerchantID, now time.Time) error {
	for _, name := range templates.Names() {
		rules, err := api.Template(name)
		if err != nil {
			return err
		}
		rules.ShowsName = true                      // so that the till greets whoever typed a name when joining
		rules.Counter.Enabled = name == "ice-cream" // so that its till has somebody to approve
		program := loyalty.Program{ID: loyalty.NewID(), Version: 1, Merchant: merchant, Rules: rules}
		if err := tx.InsertProgram(program, now); err != nil {
			return err
		}
		n.Programs[name] = program.ID
		if len(rules.Rewards) > 0 {
			n.Rewards[name] = rules.Rewards[0].ID
		}
	}
	return nil
}

// randomPIN is six digits.
func randomPIN() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return fmt.Sprintf("%06d", n)
}
