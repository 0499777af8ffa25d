package whatif

import (
	"math"
	"testing"

	"stempel/internal/loyalty"
)

func TestUnitValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ units, amount, of, want int64 }{
		{100, 100, 250, 250},
		{100, 1, 250, 3},
		{3, 1, 0, 0},
		{1, 0, 7, 0},
		{10, 250, 3, 75},
		{1, loyalty.MaxAmount, loyalty.MaxUnits, math.MaxInt64},
		{loyalty.MaxUnits, loyalty.MaxAmount, loyalty.MaxUnits, loyalty.MaxAmount},
	} {
		v := UnitValue{tt.units, tt.amount}
		if got := v.Of(tt.of); got != tt.want {
			t.Errorf("%d units at %d for %d: %d, want %d", tt.of, tt.amount, tt.units, got, tt.want)
		}
	}
}

// Every change has one class, and the first winners and losers are those with the
// largest changes, whatever came when.
func TestReportSorts(t *testing.T) {
	t.Parallel()
	r := newReport(&Question{Top: 2})
	for i, change := range []int64{0, -1, 5, math.MinInt32, 1, 9, 10, -9, -10, 1000, 999, 1 << 40, -999, -1000} {
		r.compare(Comparison{Card: loyalty.CardID{byte(i)}, Before: 100, After: 100 + change})
	}
	if r.Better != 7 || r.Worse != 6 || r.Same != 1 {
		t.Errorf("%d better, %d worse, %d same", r.Better, r.Worse, r.Same)
	}
	if len(r.Winners) != 2 || r.Winners[0].Change() != 1<<40 || r.Winners[1].Change() != 1000 || r.Losers[0].Change() != math.MinInt32 || r.Losers[1].Change() != -1000 {
		t.Errorf("winners %+v, losers %+v", r.Winners, r.Losers)
	}
	want := []int64{2, 1, 1, 2, 1, 3, 1, 1, 2}
	for i, class := range r.Classes() {
		if class.Cards != want[i] {
			t.Errorf("from %d to %d: %d cards, want %d", class.From, class.To, class.Cards, want[i])
		}
	}
}
