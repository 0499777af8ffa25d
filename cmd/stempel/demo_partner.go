package main

import (
	"context"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// demoPartner is another merchant, whose till takes the cards of a program of the
// demo's. None of its fields is called as one of the notes': scripts pick those by name,
// in whatever line they stand.
type demoPartner struct {
	Merchant   loyalty.MerchantID `json:"id"`
	Name       string             `json:"name"`
	APIKey     string             `json:"admin_key"`
	TillToken  string             `json:"till"`
	ManagerPIN string             `json:"pin"`
}

// seedPartner makes a second merchant, and a partner of the demo's coalition.
func seedPartner(ctx context.Context, s *server, notes *demoNotes, now time.Time) error {
	shop, err := newDemoShop(s, "River Bookshop", "Bridge Street", now)
	if err != nil {
		return err
	}
	_, err = s.store.Once(ctx, loyalty.Answer{}, func(tx *store.Tx) (none loyalty.Answer, err error) {
		return none, shop.insert(tx)
	})
	if err != nil {
		return err
	}
	partner := loyalty.Partner{Program: notes.Programs["coalition"], Merchant: shop.merchant.ID, Invited: now}
	nobody := func(*loyalty.PartnerListing) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
	if _, err := s.store.InvitePartner(ctx, loyalty.Answer{}, notes.Merchant, partner, nobody); err != nil {
		return err
	}
	if _, err := s.store.AcceptPartnership(ctx, loyalty.Answer{}, partner.Name(), now, nobody); err != nil {
		return err
	}
	notes.Partners = map[string]demoPartner{"coalition": {
		Merchant: shop.merchant.ID, Name: shop.merchant.Name,
		APIKey: shop.apiKey, TillToken: shop.tillToken, ManagerPIN: shop.managerPIN,
	}}
	return nil
}
