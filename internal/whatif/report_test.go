package whatif

import (
	"math"
	"strings"
	"testing"
	"time"

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

// What was left out is said in a sentence, and what to do about it.
func TestNote(t *testing.T) {
	t.Parallel()
	q := &Question{Entries: 100_000, Patience: 8 * time.Second}
	for _, tt := range []struct {
		report Report
		want   string
	}{
		{Report{Complete: true, Cards: 5, Entries: 100_000}, ""},
		{Report{Cards: 412, Entries: 100_007}, "Only the first 412 cards were replayed, with 100007 entries, as an answer is about no more than some 100000 entries. "},
		{Report{Cards: 7, Entries: 90}, "Only the first 7 cards were replayed, with 90 entries, as an answer takes 8 seconds at most. "},
	} {
		tt.report.Question = q
		got := tt.report.Note()
		if !strings.HasPrefix(got, tt.want) || tt.want != "" && !strings.HasSuffix(got, "The command stempel program replay on the server takes all cards.") || tt.want == "" && got != "" {
			t.Errorf("got %q, want %q …", got, tt.want)
		}
	}
}
