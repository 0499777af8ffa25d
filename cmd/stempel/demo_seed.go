package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"stempel/api"
	"stempel/internal/loyalty"
	"stempel/internal/store"
	"stempel/internal/templates"
)

// seed makes a merchant with a shop, a till, a manager, a cashier, a key, and a program of
// each template, all or nothing; then codes for rewards that are such, and a partner.
func seed(ctx context.Context, s *server) (*demoNotes, error) {
	now := time.Now()
	shop, err := newDemoShop(s, "Demo shop", "Main Street", now)
	if err != nil {
		return nil, err
	}
	notes := &demoNotes{
		Merchant: shop.merchant.ID, APIKey: shop.apiKey, TillToken: shop.tillToken,
		ManagerPIN: shop.managerPIN, CashierPIN: randomPIN(),
		Programs: map[string]loyalty.ProgramID{}, Rewards: map[string]loyalty.RewardID{},
	}
	for notes.CashierPIN == notes.ManagerPIN { // no two people share one
		notes.CashierPIN = randomPIN()
	}
	_, err = s.store.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (none loyalty.Answer, err error) {
		if err := shop.insert(tx); err != nil {
			return none, err
		}
		if err := shop.employ(tx, "Anna", loyalty.Cashier, notes.CashierPIN); err != nil {
			return none, err
		}
		return none, notes.insertPrograms(tx, shop.merchant.ID, now)
	})
	if err != nil {
		return nil, err
	}
	program, err := s.store.Program(ctx, notes.Merchant, notes.Programs["pharmacy"])
	if err != nil {
		return nil, err
	}
	if err := seedCodes(ctx, s, notes.Merchant, program.Rewards, now); err != nil {
		return nil, err
	}
	return notes, seedPartner(ctx, s, notes, now)
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
