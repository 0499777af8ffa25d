package loyalty_test

import (
	"errors"
	"slices"
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
		{"the most items", func(p *loyalty.Purchase) {
			p.Items = slices.Repeat([]loyalty.Item{{Unit: "piece", Quantity: 1000, Amount: 2}}, loyalty.MaxItems)
		}, true},
		{"too many items", func(p *loyalty.Purchase) { p.Items = make([]loyalty.Item, loyalty.MaxItems+1) }, false},
		{"item", func(p *loyalty.Purchase) {
			p.Total = loyalty.MaxAmount
			p.Items = []loyalty.Item{{SKU: long[1:], Category: long[1:], Unit: long[1:], Quantity: loyalty.MaxAmount, Amount: loyalty.MaxAmount}}
		}, true},
		{"discount line", func(p *loyalty.Purchase) {
			p.Items = []loyalty.Item{{Amount: -loyalty.MaxAmount}, {Quantity: 1, Amount: loyalty.MaxAmount}, {Quantity: 1, Amount: 1000}}
		}, true},
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

// Lines that do not add up are refused by every program, whatever it looks at, and
// whatever the purchase is for. What is wrong with one line is said of that line.
func TestLinesMustAddUp(t *testing.T) {
	t.Parallel()
	lines := func(total int64, items ...loyalty.Item) *loyalty.Purchase {
		return loyaltytest.Purchase("r", total, func(p *loyalty.Purchase) { p.Items = items })
	}
	off := func(minor int64) loyalty.Item { return loyalty.Item{Unit: "discount", Amount: -minor} }
	tests := []struct {
		name  string
		p     *loyalty.Purchase
		field string // empty: it is fine
		says  string
	}{
		{"beyond the total", lines(1000, basketLine("a", 1, 900), basketLine("b", 1, 200), basketLine("c", 1, 5)), "purchase.items[1].amount", "lines add up to 1105, and its total is 1000, in minor units. Line 2 goes beyond it."},
		{"below the total", lines(1000, basketLine("a", 1, 900)), "purchase.total", "lines add up to 900, and its total is 1000"},
		{"a discount too many", lines(1000, basketLine("a", 1, 1000), off(100)), "purchase.total", "lines add up to 900"},
		{"nothing of it", lines(1000, basketLine("a", 1, 1000), basketLine("b", 0, 0)), "purchase.items[1].quantity", "Line 2 of the purchase: the quantity is 0"},
		{"less than nothing", lines(1000, basketLine("a", -1, 1000)), "purchase.items[0].quantity", "Line 1"},
		{"all of them wrong", lines(5, basketLine("a", 1, 1000), basketLine("b", -1, 0)), "purchase.items[1].quantity", "Line 2"},
		{"a discount after it", lines(800, basketLine("a", 1, 900), off(100)), "", ""},
		{"a discount before it", lines(800, off(100), basketLine("a", 1, 900)), "", ""},
		{"a return", lines(100, basketLine("a", 1, 900), basketLine("b", 1, -800)), "", ""},
		{"a gift", lines(900, basketLine("a", 1, 900), basketLine("b", 1, 0)), "", ""},
		{"no lines", lines(900), "", ""},
	}
	looks := func(r *loyalty.Rules) { r.Earn.Exclude.SKUs = []string{"x"} }
	for _, tt := range tests {
		for by, program := range map[string]*loyalty.Program{
			"spend": loyaltytest.Points(t), "lines": loyaltytest.Points(t, looks), "pieces": loyaltytest.Program(t), "discount": loyaltytest.Discount(t),
		} {
			t.Run(tt.name+" by "+by, func(t *testing.T) {
				t.Parallel()
				shop := loyaltytest.Open(t, program)
				var do loyalty.Action = loyalty.Earning{Purchase: tt.p}
				switch {
				case program.Kind == loyalty.Discount:
					do = loyalty.Granting{Purchase: tt.p}
				case program.Kind == loyalty.Stamps:
					do = loyalty.Earning{Units: 1, Purchase: tt.p}
				}
				if tt.field == "" {
					shop.Do(do)
					return
				}
				if got := shop.Refused(loyalty.PurchaseInvalid, do); got.Field != tt.field || !strings.Contains(got.Message, tt.says) {
					t.Errorf("%s is blamed, want %s: %s", got.Field, tt.field, got.Message)
				}
			})
		}
	}
}

// A code on a slip is not given out for a purchase that the claim would be refused for.
func TestSlipForLinesThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	p := loyaltytest.Points(t)
	till := loyaltytest.Till(t, "slips")
	wrong := loyaltytest.Purchase("r", 1000, func(p *loyalty.Purchase) { p.Items = []loyalty.Item{basketLine("a", 1, 900)} })
	c := loyaltytest.Command("slip", loyalty.CardID{}, till, loyaltytest.Now, loyalty.Earning{Purchase: wrong})
	_, err := loyalty.IssueClaim(p, till, *c, loyalty.EntryID{})
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.PurchaseInvalid || refusal.Field != "purchase.total" {
		t.Errorf("%v", err)
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
