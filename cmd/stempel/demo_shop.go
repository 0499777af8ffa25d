package main

import (
	"errors"
	"time"

	"stempel/internal/credential"
	"stempel/internal/keys"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// demoShop is a merchant with a shop, a till, a manager and a key, on its way into the
// database.
type demoShop struct {
	merchant loyalty.Merchant
	location loyalty.Location
	till     loyalty.Till
	key      loyalty.Access
	tillHash loyalty.Hash
	pins     *credential.PINs

	apiKey, tillToken, managerPIN string
}

func newDemoShop(s *server, name, place string, now time.Time) (*demoShop, error) {
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		return nil, err
	}
	d := &demoShop{merchant: loyalty.Merchant{ID: loyalty.NewID(), Name: name, Created: now}, managerPIN: randomPIN()}
	d.location = loyalty.Location{ID: loyalty.NewID(), Merchant: d.merchant.ID, Name: place, Zone: zone}
	d.till = loyalty.Till{ID: loyalty.NewID(), Merchant: d.merchant.ID, Location: d.location.ID, Name: "Counter", Zone: zone}
	d.key = loyalty.Access{Merchant: d.merchant.ID, Key: loyalty.NewID(), Scope: loyalty.Admin}
	d.tillToken, d.tillHash = credential.NewTillSecret(d.till.ID)
	d.apiKey, d.key.Hash = credential.NewKeySecret(d.key.Key)
	_, pinKey := s.ring.MACs(keys.PIN).Current(now)
	d.pins = credential.NewPINs(pinKey)
	return d, nil
}

func (d *demoShop) insert(tx *store.Tx) error {
	return errors.Join(
		tx.InsertMerchant(d.merchant),
		tx.InsertLocation(d.location),
		tx.InsertTill(d.till, d.tillHash, d.merchant.Created),
		tx.InsertAPIKey(d.key, "demo", d.merchant.Created),
		d.employ(tx, "Manager", loyalty.Manager, d.managerPIN),
	)
}

func (d *demoShop) employ(tx *store.Tx, name string, role loyalty.Role, pin string) error {
	person := loyalty.Staff{ID: loyalty.NewID(), Merchant: d.merchant.ID, Name: name, Role: role}
	return tx.InsertStaff(person, d.pins.MAC(d.merchant.ID, pin), d.merchant.Created)
}
