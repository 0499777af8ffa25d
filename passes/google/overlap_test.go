package google_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/passes/google"
)

// meanwhile lets something happen once an update has read what Google has.
type meanwhile struct {
	google.Barcodes
	happens func()
}

func (m *meanwhile) Barcode(ctx context.Context, pass *loyalty.Pass) (string, []byte, error) {
	if now := m.happens; now != nil {
		m.happens = nil
		now()
	}
	return m.Barcodes.Barcode(ctx, pass)
}

// Of two updates at the same time the one with the older face may reach Google last.
// It says so, and the next one sends what the card shows, although that was sent before.
func TestUpdatesAtTheSameTime(t *testing.T) {
	t.Parallel()
	var slow meanwhile
	s := newShop(t, func(c *google.Config) { slow.Barcodes, c.Barcodes = c.Barcodes, &slow })
	s.save()
	s.earn(1, time.Minute)
	slow.happens = func() {
		s.earn(1, time.Minute)
		s.update()
	}
	if result := s.try(); result.Outcome != google.Later || !errors.Is(result.Err, google.ErrOverlap) {
		t.Errorf("overtaken, it ended %s: %v", result.Outcome, result.Err)
	}
	if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != 1 {
		t.Fatalf("the older face was not the last to reach Google: it shows %d", got)
	}
	s.update()
	if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != 2 {
		t.Errorf("in the end it shows %d stamps", got)
	}

	s.earn(1, time.Minute)
	slow.happens = func() {
		s.earn(1, time.Minute)
		s.update()
	}
	if link, err := s.wallet.Link(t.Context(), &s.pass, s.face()); err != nil || link == "" {
		t.Errorf("a link beside an update: %q, %v", link, err)
	}
	s.update()
	if got := s.google.Object(s.objectID()).LoyaltyPoints.Balance.Int; got != 4 {
		t.Errorf("after the link it shows %d stamps", got)
	}
}
