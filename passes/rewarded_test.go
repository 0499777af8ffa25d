package passes

import (
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// A reward is new with the posting that issued it, or paid for it, and not with the
// next one.
func TestRewarded(t *testing.T) {
	t.Parallel()
	euros := func(ref string, n int64) loyalty.Earning {
		return loyalty.Earning{Purchase: loyaltytest.Purchase(ref, n*100)}
	}
	tests := map[string]struct {
		program  *loyalty.Program
		earnings []loyalty.Earning // a minute apart
		want     int               // the earning that brought the newest reward; −1: none
	}{
		"none":              {loyaltytest.Program(t), []loyalty.Earning{{Units: 9}}, -1},
		"a full card":       {loyaltytest.Program(t), []loyalty.Earning{{Units: 9}, {Units: 1}}, 1},
		"a stamp behind it": {loyaltytest.Program(t), []loyalty.Earning{{Units: 10}, {Units: 1}}, 0},
		"a second full one": {loyaltytest.Program(t), []loyalty.Earning{{Units: 10}, {Units: 10}}, 1},
		"too few points":    {loyaltytest.Points(t), []loyalty.Earning{euros("a", 4)}, -1},
		"enough points":     {loyaltytest.Points(t), []loyalty.Earning{euros("a", 4), euros("b", 1)}, 1},
		"and more of them":  {loyaltytest.Points(t), []loyalty.Earning{euros("a", 9), euros("b", 1)}, -1}, // nobody knows how long they are enough
		"for the next one":  {loyaltytest.Points(t), []loyalty.Earning{euros("a", 9), euros("b", 91)}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := loyaltytest.Open(t, test.program)
			want := time.Time{}
			for i, earning := range test.earnings {
				s.Now = s.Now.Add(time.Minute)
				s.Do(earning)
				if i == test.want {
					want = s.Now
				}
			}
			if face := Of(subject(s)); !face.Rewarded.Equal(want) {
				t.Errorf("the newest reward came at %v, want %v", face.Rewarded, want)
			}
		})
	}
}
