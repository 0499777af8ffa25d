package loyalty_test

import (
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// allActions is one of each.
var allActions = []loyalty.Action{
	loyalty.Earning{Units: 1},
	loyalty.Redemption{Reward: loyaltytest.Cone},
	loyalty.Reversal{},
	loyalty.Adjustment{Units: 1},
	loyalty.OpeningBalance{Units: 1},
}

func TestAccess(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		arrange func(*loyaltytest.Shop)
		change  func(*loyalty.Command)
		want    loyalty.Code
	}{
		{
			"no such card", func(*loyaltytest.Shop) {},
			func(c *loyalty.Command) { c.Card = loyalty.CardID(loyaltytest.ID("no such")) }, loyalty.CardNotFound,
		},
		{
			"another merchant's card", func(*loyaltytest.Shop) {},
			func(c *loyalty.Command) { c.Merchant = loyaltytest.Stranger }, loyalty.CardNotFound,
		},
		{
			"blocked card", func(s *loyaltytest.Shop) { s.Change(func(c *loyalty.Card) { c.Blocked = true }) },
			func(*loyalty.Command) {}, loyalty.CardBlocked,
		},
		{
			"blocked card, own system", func(s *loyaltytest.Shop) { s.Change(func(c *loyalty.Card) { c.Blocked = true }) },
			loyaltytest.AtOffice, loyalty.CardBlocked,
		},
		{
			"revoked till", func(s *loyaltytest.Shop) {
				s.Pair(loyaltytest.Till(t, "front", func(till *loyalty.Till) { till.Revoked = true }))
			},
			func(*loyalty.Command) {}, loyalty.TillRevoked,
		},
		{
			"till that is gone", func(s *loyaltytest.Shop) { delete(s.Book.Tills, s.Till.ID) },
			func(*loyalty.Command) {}, loyalty.TillRevoked,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Program(t))
			tt.arrange(shop)
			for _, action := range allActions {
				shop.Refused(tt.want, action, tt.change, loyaltytest.Approved(loyalty.Owner))
			}
		})
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		surface    loyalty.Surface
		generation int32
		refused    bool
	}{
		{"wallet, current", loyalty.Wallet, 3, false},
		{"wallet, older", loyalty.Wallet, 1, false}, // its push may never have arrived
		{"wallet, from the future", loyalty.Wallet, 4, true},
		{"for readers, current", loyalty.WalletNFC, 3, false},
		{"for readers, older", loyalty.WalletNFC, 1, false},
		{"for readers, from the future", loyalty.WalletNFC, 4, true},
		{"print, current", loyalty.Print, 2, false},
		{"print, reported lost", loyalty.Print, 1, true},
		{"print, from the future", loyalty.Print, 3, true},
	}
	for _, tt := range tests {
		shop := loyaltytest.Open(t, loyaltytest.Program(t), func(c *loyalty.Card) { c.WalletGen, c.PrintGen = 3, 2 })
		text := loyaltytest.Photographable(tt.surface, tt.generation)
		if tt.refused {
			shop.Refused(loyalty.CredentialReplaced, loyalty.Earning{Units: 1}, text)
		} else {
			shop.Do(loyalty.Earning{Units: 1}, text)
		}
	}
}

// Only the five actions exist; a pointer to one is a mistake of the caller, not
// a command that does nothing.
func TestUnknownActionPanics(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Program(t))
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_, _ = shop.Post(shop.Command(&loyalty.Earning{Units: 1}, loyaltytest.AtOffice))
}
