package loyalty_test

import (
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

func TestPurchaseMustBeSensible(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 101)
	tests := []struct {
		name   string
		change func(*loyalty.Purchase)
		good   bool
	}{
		{"plain", func(*loyalty.Purchase) {}, true},
		{"no ref", func(p *loyalty.Purchase) { p.Ref = "" }, false},
		{"long ref", func(p *loyalty.Purchase) { p.Ref = long[1:] }, true},
		{"too long a ref", func(p *loyalty.Purchase) { p.Ref = long }, false},
		{"negative total", func(p *loyalty.Purchase) { p.Total = -1 }, false},
		{"the largest total", func(p *loyalty.Purchase) { p.Total = loyalty.MaxAmount }, true},
		{"too large a total", func(p *loyalty.Purchase) { p.Total = loyalty.MaxAmount + 1 }, false},
		{"no currency", func(p *loyalty.Purchase) { p.Currency = "" }, false},
		{"lower-case currency", func(p *loyalty.Purchase) { p.Currency = "eur" }, false},
		{"currency of two bytes a letter", func(p *loyalty.Purchase) { p.Currency = "ÉU" }, false},
		{"negative paid with reward", func(p *loyalty.Purchase) { p.PaidWithReward = -1 }, false},
		{"more paid with reward than paid", func(p *loyalty.Purchase) { p.PaidWithReward = p.Total + 1 }, false},
		{"the most items", func(p *loyalty.Purchase) { p.Items = make([]loyalty.Item, loyalty.MaxItems) }, true},
		{"too many items", func(p *loyalty.Purchase) { p.Items = make([]loyalty.Item, loyalty.MaxItems+1) }, false},
		{"item", func(p *loyalty.Purchase) {
			p.Items = []loyalty.Item{{SKU: long[1:], Category: long[1:], Unit: long[1:], Quantity: loyalty.MaxAmount, Amount: loyalty.MaxAmount}}
		}, true},
		{"discount line", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Amount: -loyalty.MaxAmount}} }, true},
		{"too long a sku", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{SKU: long}} }, false},
		{"too long a category", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Category: long}} }, false},
		{"too long a unit", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Unit: long}} }, false},
		{"negative quantity", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Quantity: -1}} }, false},
		{"too large a quantity", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Quantity: loyalty.MaxAmount + 1}} }, false},
		{"too large an amount", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Amount: loyalty.MaxAmount + 1}} }, false},
		{"too large a discount", func(p *loyalty.Purchase) { p.Items = []loyalty.Item{{Amount: -loyalty.MaxAmount - 1}} }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			shop := loyaltytest.Open(t, loyaltytest.Points(t))
			earn := loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1000, tt.change)}
			if tt.good {
				shop.Do(earn)
			} else {
				shop.Refused(loyalty.PurchaseInvalid, earn)
			}
		})
	}
}

// A purchase is one of its shop's: the same number elsewhere is another one.
func TestPurchaseKey(t *testing.T) {
	t.Parallel()
	other := loyalty.LocationID(loyaltytest.ID("another location"))
	p := loyaltytest.Purchase("r1", 1000)
	key := p.Key(loyaltytest.Merchant, loyaltytest.Location)
	if key != loyaltytest.Purchase("r1", 5).Key(loyaltytest.Merchant, loyaltytest.Location) {
		t.Error("the key depends on more than merchant, location and ref")
	}
	for name, another := range map[string]loyalty.PurchaseKey{
		"ref":      loyaltytest.Purchase("r2", 1000).Key(loyaltytest.Merchant, loyaltytest.Location),
		"location": p.Key(loyaltytest.Merchant, other),
		"merchant": p.Key(loyaltytest.Stranger, loyaltytest.Location),
	} {
		if another == key {
			t.Errorf("another %s has the same key", name)
		}
	}
}

func TestPurchaseIsCreditedOnce(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	earn := loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1000)}
	first := shop.Entry(earn)
	if refusal := shop.Refused(loyalty.PurchaseCredited, earn); refusal.Entry != first.ID {
		t.Errorf("the entry in the way is %s, want %s", refusal.Entry, first.ID)
	}
	elsewhere := shop.Pair(loyaltytest.Till(t, "elsewhere", func(till *loyalty.Till) {
		till.Location = loyalty.LocationID(loyaltytest.ID("another location"))
	}))
	shop.Do(earn, elsewhere)
}

func TestVoidFreesThePurchase(t *testing.T) {
	t.Parallel()
	shop := loyaltytest.Open(t, loyaltytest.Points(t))
	earn := loyalty.Earning{Purchase: loyaltytest.Purchase("r1", 1000)}
	for range 3 {
		entry := shop.Entry(earn)
		shop.Refused(loyalty.PurchaseCredited, earn)
		shop.Do(loyalty.Reversal{Entry: entry.ID})
	}
}
