package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// purchaseStore finds what purchases were credited with, and what was taken off them.
type purchaseStore interface {
	CreditedOn(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, limit int) ([]loyalty.CreditedPurchase, error)
	CreditedFor(ctx context.Context, m loyalty.MerchantID, purchase []loyalty.PurchaseKey, limit int) ([]loyalty.CreditedPurchase, error)
	Foretell(ctx context.Context, c *loyalty.Command) (*loyalty.Facts, error)
}

// mostPurchases is how many a till is shown, the newest.
const mostPurchases = 20

// FindPurchases shows a till what of which purchase can still be refunded.
func (s *Server) FindPurchases(c *fiber.Ctx) error {
	var body gen.PurchaseSearch
	if err := decode(c, &body); err != nil {
		return err
	}
	if err := s.working(c); err != nil {
		return err
	}
	found, err := s.purchases(c, &body)
	if err != nil {
		return err
	}
	partners, err := s.partnersIn(c.UserContext(), found, principalOf(c).Till.Merchant)
	if err != nil {
		return err
	}
	view := gen.CreditedPurchases{Purchases: make([]gen.CreditedPurchase, len(found))}
	for i := range found {
		view.Purchases[i] = creditedView(&found[i])
		view.Purchases[i].Partner = partners[found[i].Entry.Merchant]
	}
	return s.json(c, http.StatusOK, view)
}

// purchases are those of the card that a till has scanned, or of a receipt of its
// location. Errors: invalid_field, missing_field, those of an unusable scan, and for a
// receipt as of noteLookup.
func (s *Server) purchases(c *fiber.Ctx, by *gen.PurchaseSearch) ([]loyalty.CreditedPurchase, error) {
	till := principalOf(c).Till
	switch {
	case by.Scan == "" && by.Ref == "":
		return nil, missing("scan")
	case by.Scan != "" && by.Ref != "":
		return nil, invalid("ref", "cannot be given together with scan")
	case len(by.Ref) > loyalty.MaxRefLength:
		return nil, invalid("ref", "is longer than 100 bytes")
	case by.Ref != "":
		found, err := s.purchasesOn(c, by.Ref, by.PIN)
		s.metrics.lookedUp(len(found), err)
		return found, err
	}
	shown, err := s.Handles.Open(by.Scan, till.ID, s.moment())
	if err != nil {
		return nil, err
	}
	return s.Store.CreditedOn(c.UserContext(), till.Merchant, shown.Card, mostPurchases)
}

// purchasesOn are those of a receipt, for whose PIN it is. Numbers of receipts can be
// counted through, and nobody has shown a card: it is a look-up as one of customers.
// Errors: as of noteLookup.
func (s *Server) purchasesOn(c *fiber.Ctx, ref, pin string) ([]loyalty.CreditedPurchase, error) {
	till := principalOf(c).Till
	look := loyalty.Lookup{ID: loyalty.NewID(), Merchant: till.Merchant, Till: till.ID, At: s.moment()}
	if _, err := s.noteLookup(c, look, pin); err != nil {
		return nil, err
	}
	sought := loyalty.Purchase{Ref: ref}
	keys := []loyalty.PurchaseKey{sought.Key(till.Merchant, till.Location), sought.GrantKey(till.Merchant, till.Location)}
	return s.Store.CreditedFor(c.UserContext(), till.Merchant, keys, mostPurchases)
}

// partnersIn are the names of all but a merchant itself whose tills credited purchases.
func (s *Server) partnersIn(ctx context.Context, found []loyalty.CreditedPurchase, self loyalty.MerchantID) (map[loyalty.MerchantID]string, error) {
	var others []loyalty.MerchantID
	for i := range found {
		if m := found[i].Entry.Merchant; m != self && !slices.Contains(others, m) {
			others = append(others, m)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	return s.Store.MerchantNames(ctx, others)
}

func creditedView(p *loyalty.CreditedPurchase) gen.CreditedPurchase {
	return gen.CreditedPurchase{
		Entry: p.Entry.ID, Kind: gen.EntryKind(p.Entry.Kind.String()), Card: p.Entry.Card, Program: p.Entry.Program,
		Units: p.Entry.Units, Off: p.Entry.Counted.Off,
		TakenBack: p.Refunded.Units, Refunded: p.Refunded.Amount, Returned: p.Returned(),
		Purchase: p.Purchase, PostedAt: p.Entry.Posted,
	}
}
