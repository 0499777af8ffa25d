package moving_test

import (
	"context"
	"strings"
	"testing"

	"stempel/internal/loyalty"
)

// measured is a shelf that notes how much comes at once.
type measured struct {
	*shelf
	most int
}

func (m *measured) MoveIn(ctx context.Context, r loyalty.Answer, a loyalty.Arriving, decide func(*loyalty.Known) (loyalty.Arrivals, loyalty.Answer, error)) (loyalty.Answer, error) {
	m.most = max(m.most, len(a.Cards))
	return m.shelf.MoveIn(ctx, r, a, decide)
}

// Where tills wait for the writer, it is not kept for long, and nothing is lost
// between two turns.
func TestTurns(t *testing.T) {
	t.Parallel()
	const lines = 2600
	file := "ref\n" + strings.Repeat("x\n", lines)
	for takeTurns, most := range map[bool]int{false: 2600, true: 500} {
		store := &measured{shelf: empty()}
		work := newImport(t, store, new(told))
		work.TakeTurns = takeTurns
		totals, err := work.Run(t.Context(), strings.NewReader(file))
		if err != nil || totals.Lines != lines || store.most != most {
			t.Errorf("turns %v: %+v, %d at once, want %d, %v", takeTurns, totals, store.most, most, err)
		}
	}
}
