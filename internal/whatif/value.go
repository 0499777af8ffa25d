package whatif

import (
	"math"
	"math/bits"
)

// UnitValue is what so many units cost the merchant, in minor units of money.
type UnitValue struct{ Units, Amount int64 }

// Of is what some units cost, with fractions rounded up, as a liability is; at most
// MaxInt64. v.Units is positive, and nothing is negative.
func (v *UnitValue) Of(units int64) int64 {
	high, low := bits.Mul64(uint64(units), uint64(v.Amount))
	low, carry := bits.Add64(low, uint64(v.Units)-1, 0)
	if high += carry; high >= uint64(v.Units) {
		return math.MaxInt64
	}
	amount, _ := bits.Div64(high, low, uint64(v.Units))
	return int64(min(amount, math.MaxInt64))
}
