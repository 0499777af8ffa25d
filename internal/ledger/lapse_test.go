package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

// fakeCalendar has one page of cards, the oldest first.
type fakeCalendar []loyalty.Due

func (c fakeCalendar) DueLots(_ context.Context, _ time.Time, after loyalty.Due, _ int) ([]loyalty.Due, error) {
	return slices.Clone(c[slices.Index(c, after)+1:]), nil
}

func (fakeCalendar) TakeTurn(context.Context, string, [16]byte, time.Time, time.Time) (bool, error) {
	return true, nil
}

// Cards that nothing can be posted to keep no other one from its turn, in their batch
// or after it, and are told of.
func TestOneCardStopsNoExpiry(t *testing.T) {
	b := setup(t, Config{})
	calendar := fakeCalendar{}
	for range lapseTogether + lapseTold {
		calendar = append(calendar, loyalty.Due{Card: loyalty.NewID(), Merchant: b.store.program.Merchant})
	}
	broken := calendar[:lapseTold+2]
	down, tried := errors.New("down"), map[loyalty.CardID]bool{}
	b.store.before = func(_ int, keys loyalty.Keys) error {
		if slices.ContainsFunc(broken, func(d loyalty.Due) bool { return slices.Contains(keys.Cards, d.Card) }) {
			return down
		}
		for _, id := range keys.Cards {
			tried[id] = true
		}
		return nil
	}
	cards, err := b.ledger.LapseDue(t.Context(), calendar, [16]byte{1})
	if cards != 0 || !errors.Is(err, down) || !strings.HasSuffix(err.Error(), "more cards") {
		t.Errorf("%d cards, %v", cards, err)
	}
	for i, d := range calendar[len(broken):] {
		if !tried[d.Card] {
			t.Errorf("card %d after those that fail had no turn without them", i)
		}
	}
}
