package loyalty_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"stempel/internal/loyalty"
)

func TestScale(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	tests := []struct {
		amount, units, per int64
		down, halfUp, up   int64
	}{
		{0, 1, 100, 0, 0, 0},
		{1, 1, 100, 0, 0, 1},
		{49, 1, 100, 0, 0, 1},
		{50, 1, 100, 0, 1, 1},
		{99, 1, 100, 0, 1, 1},
		{100, 1, 100, 1, 1, 1},
		{149, 1, 100, 1, 1, 2},
		{150, 1, 100, 1, 2, 2},
		{1, 1, 3, 0, 0, 1},
		{2, 1, 3, 0, 1, 1},
		{7, 0, 3, 0, 0, 0},
		{1, most, 1, most, most, most},
		{most, most, most, most, most, most},
		{most, 1, 2, most / 2, most/2 + 1, most/2 + 1},
	}
	for _, tt := range tests {
		for rounding, want := range map[loyalty.Rounding]int64{
			loyalty.Down: tt.down, loyalty.HalfUp: tt.halfUp, loyalty.Up: tt.up,
		} {
			if got, ok := loyalty.Scale(rounding, tt.amount, tt.units, tt.per); !ok || got != want {
				t.Errorf("%d × %d / %d %s: got %d, %t, want %d", tt.amount, tt.units, tt.per, rounding, got, ok, want)
			}
		}
	}
}

func TestScaleOverflow(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	tests := []struct {
		rounding           loyalty.Rounding
		amount, units, per int64
	}{
		{loyalty.Down, most, 2, 1},
		{loyalty.Down, most, most, 1},
		{loyalty.Up, most, 5, 5 - 1},
		{loyalty.Down, 1 << 62, 1 << 62, 1},
		// 2^65 − 1 halved is 2^64 − 1 and a rest: rounding up must not come out as 0.
		{loyalty.Up, 8191, 4504149450301441, 2},
		{loyalty.HalfUp, 8191, 4504149450301441, 2},
	}
	for _, tt := range tests {
		if got, ok := loyalty.Scale(tt.rounding, tt.amount, tt.units, tt.per); ok {
			t.Errorf("%d × %d / %d %s fits as %d", tt.amount, tt.units, tt.per, tt.rounding, got)
		}
	}
}

// scale agrees with arithmetic that cannot overflow.
func TestScaleIsExact(t *testing.T) {
	t.Parallel()
	number := func(least int64) *rapid.Generator[int64] {
		return rapid.OneOf(
			rapid.Int64Range(least, 1000),
			rapid.Int64Range(least, math.MaxInt64),
			rapid.Map(rapid.IntRange(1, 62), func(bits int) int64 { return 1<<bits - 1 }),
			rapid.Just(int64(math.MaxInt64)),
		)
	}
	rapid.Check(t, func(t *rapid.T) {
		rounding := rapid.SampledFrom([]loyalty.Rounding{loyalty.Down, loyalty.HalfUp, loyalty.Up}).Draw(t, "rounding")
		amount, units, per := number(0).Draw(t, "amount"), number(0).Draw(t, "units"), number(1).Draw(t, "per")

		product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(units))
		want, rest := new(big.Int).QuoRem(product, big.NewInt(per), new(big.Int))
		twice := new(big.Int).Lsh(rest, 1)
		if rounding == loyalty.Up && rest.Sign() > 0 || rounding == loyalty.HalfUp && twice.Cmp(big.NewInt(per)) >= 0 {
			want.Add(want, big.NewInt(1))
		}

		got, ok := loyalty.Scale(rounding, amount, units, per)
		if ok != want.IsInt64() || ok && got != want.Int64() {
			t.Fatalf("got %d, %t, want %s", got, ok, want)
		}
	})
}
