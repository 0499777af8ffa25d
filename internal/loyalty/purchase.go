package loyalty

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Limits of what one command may carry. MaxUnits keeps every balance an exact
// integer in JavaScript (2^53 − 1); the others bound the size of a request.
const (
	MaxUnits       = 1<<53 - 1
	MaxAmount      = 1_000_000_000_000 // minor units
	MaxItems       = 500
	MaxRefLength   = 100 // bytes
	MaxFieldLength = 100 // bytes of sku, category, unit
)

// Purchase is what a till tells about a sale. Amounts are minor units of
// Currency.
type Purchase struct {
	Ref            string `json:"ref"` // the till's number of the receipt, unique in its location
	Total          int64  `json:"total"`
	Currency       string `json:"currency"`                   // ISO 4217
	Items          []Item `json:"items,omitempty"`            // all of them, or none: they add up to Total
	PaidWithReward int64  `json:"paid_with_reward,omitempty"` // part of Total that a reward paid: earns nothing
}

// Item is one line of a purchase.
type Item struct {
	SKU      string `json:"sku,omitempty"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"` // thousandths of Unit; 0 only for a discount
	Unit     string `json:"unit"`     // piece, litre, kilogram
	Amount   int64  `json:"amount"`   // minor units; below 0 for a discount or a return
}

// PurchaseKey names a purchase of one shop: (merchant, location, ref), hashed so
// that one column finds it. A program credits it once.
type PurchaseKey [16]byte

// Key is where the ledger remembers that this purchase was credited.
func (p *Purchase) Key(m MerchantID, l LocationID) PurchaseKey {
	h := sha256.New()
	h.Write(m[:])
	h.Write(l[:])
	h.Write([]byte(p.Ref))
	return PurchaseKey(h.Sum(nil)[:16])
}

// GrantKey is likewise where the ledger remembers that a discount was taken off this
// purchase: of one purchase there may be both, for a tier may do the one on a card
// that does the other.
func (p *Purchase) GrantKey(m MerchantID, l LocationID) PurchaseKey {
	h := sha256.New()
	h.Write([]byte("grant"))
	h.Write(m[:])
	h.Write(l[:])
	h.Write([]byte(p.Ref))
	return PurchaseKey(h.Sum(nil)[:16])
}

// check holds what is true of every sensible purchase, whatever the program.
// Errors: purchase_invalid.
func (p *Purchase) check() error {
	bad := func(field, message string) error {
		r := refuse(PurchaseInvalid, message)
		r.Field = "purchase." + field
		return r
	}
	switch {
	case p.Ref == "" || len(p.Ref) > MaxRefLength:
		return bad("ref", "The purchase needs a ref of 1 to 100 bytes: the till's number of this receipt.")
	case p.Total < 0 || p.Total > MaxAmount:
		return bad("total", "The purchase's total must lie between 0 and 1000000000000 minor units.")
	case !isCurrency(p.Currency):
		return bad("currency", "The purchase's currency must be an ISO 4217 code such as EUR.")
	case p.PaidWithReward < 0 || p.PaidWithReward > p.Total:
		return bad("paid_with_reward", "paid_with_reward must lie between 0 and the purchase's total.")
	case len(p.Items) > MaxItems:
		return bad("items", "The purchase has more than 500 items.")
	}
	for i := range p.Items {
		if err := p.Items[i].check(i); err != nil {
			return err
		}
	}
	return p.checkSum()
}

// checkSum holds that the lines, if any are told, add up to the total, and names the
// first line that goes beyond it. Errors: purchase_invalid.
func (p *Purchase) checkSum() error {
	if len(p.Items) == 0 {
		return nil
	}
	var sum int64
	beyond := -1
	for i := range p.Items {
		switch sum += p.Items[i].Amount; { // at most 500 × 10^12: no overflow
		case sum <= p.Total:
			beyond = -1 // a discount has brought it back
		case beyond < 0:
			beyond = i
		}
	}
	if sum == p.Total {
		return nil
	}
	r := refuse(PurchaseInvalid, fmt.Sprintf("The purchase's lines add up to %d, and its total is %d, in minor units.", sum, p.Total))
	if beyond >= 0 {
		r.Message += fmt.Sprintf(" Line %d goes beyond it.", beyond+1)
		r.Field = fmt.Sprintf("purchase.items[%d].amount", beyond)
	} else {
		r.Field = "purchase.total"
	}
	r.Message += " Give all lines with their discounts, or none."
	return r
}

// wrongCurrency refuses a purchase in another currency than the program counts.
func wrongCurrency(counts string, p *Purchase) error {
	r := refuse(CurrencyMismatch, fmt.Sprintf("This program counts %s, the purchase is in %s.", counts, p.Currency))
	r.Field = "purchase.currency"
	return r
}

// check holds what is true of every sensible line; i is which one it is.
func (item *Item) check(i int) error {
	bad := func(field, problem string) error {
		r := refuse(PurchaseInvalid, fmt.Sprintf("Line %d of the purchase: the %s %s.", i+1, field, problem))
		r.Field = fmt.Sprintf("purchase.items[%d].%s", i, field)
		return r
	}
	switch {
	case len(item.SKU) > MaxFieldLength:
		return bad("sku", "is longer than 100 bytes")
	case len(item.Category) > MaxFieldLength:
		return bad("category", "is longer than 100 bytes")
	case len(item.Unit) > MaxFieldLength:
		return bad("unit", "is longer than 100 bytes")
	case item.Quantity < 0 || item.Quantity > MaxAmount:
		return bad("quantity", "is out of range")
	case item.Quantity == 0 && item.Amount >= 0:
		return bad("quantity", "is 0, which only that of a discount can be, whose amount is below 0")
	case item.Amount < -MaxAmount || item.Amount > MaxAmount:
		return bad("amount", "is out of range")
	}
	return nil
}

// free reports whether a reward has paid for all of it.
func (p *Purchase) free() bool { return p.Total > 0 && p.PaidWithReward == p.Total }

// pieces is how many whole things were bought that are not excluded.
func (p *Purchase) pieces(exclude *Match) int64 {
	var thousandths int64
	for i := range p.Items { // at most 500 × 10^12: no overflow
		if item := &p.Items[i]; item.Unit == "piece" && !exclude.has(item) {
			thousandths += item.Quantity
		}
	}
	return thousandths / 1000
}

// commitment binds an entry to a detail (a basket, a note) without showing it:
// SHA-256(salt ‖ detail). Erasing salt and detail leaves nothing to guess.
func commitment(salt [16]byte, detail []byte) Hash {
	h := sha256.New()
	h.Write(salt[:])
	h.Write(detail)
	return Hash(h.Sum(nil))
}

func isCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, c := range []byte(code) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// Rounding says what becomes of a fraction of a unit.
type Rounding string

// The roundings. HalfUp is the one people learn at school.
const (
	Down   Rounding = "down"
	HalfUp Rounding = "half_up"
	Up     Rounding = "up"
)

// scale returns amount × units / per in the given rounding. All arguments are
// not negative and per is positive; the second result is false on overflow.
func (r Rounding) scale(amount, units, per int64) (int64, bool) {
	high, low := bits.Mul64(uint64(amount), uint64(units))
	if high >= uint64(per) {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, uint64(per))
	if quotient > math.MaxInt64 {
		return 0, false
	}
	if (r == Up && rest > 0) || (r == HalfUp && rest >= uint64(per)-rest) {
		quotient++
	}
	return int64(quotient), quotient <= math.MaxInt64
}

// add returns a + b, and false where the sum leaves ±MaxUnits.
func add(a, b int64) (int64, bool) {
	sum := a + b // both within ±2^53: no overflow
	return sum, sum <= MaxUnits && sum >= -MaxUnits
}

func put64(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }
