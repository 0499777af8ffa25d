package ledger

import (
	"errors"
	"testing"
	"time"

	"stempel/internal/loyalty"
)

var limits = loyalty.Limits{CardEarnsPerHour: 2, TillActionsPerMinute: 3}

// paced is a scan of a merchant with limits, on a guard that says what pace says.
func (b *bench) paced(reached loyalty.Reached) loyalty.Command {
	c := b.scan()
	c.Limits = limits
	b.guard.mu.Lock()
	defer b.guard.mu.Unlock()
	b.guard.pace = func(*loyalty.Paced) loyalty.Reached { return reached }
	return c
}

func (b *bench) close(t *testing.T) {
	t.Helper()
	if err := b.ledger.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutLimitsNothingIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, Config{})
	if _, err := b.ledger.Post(t.Context(), b.scan(), plain); err != nil {
		t.Fatal(err)
	}
	b.close(t)
	if len(b.guard.asked) != 0 {
		t.Errorf("the guard was asked to count %+v", b.guard.asked)
	}
}

func TestWhatIsTooOftenDoesNotReachTheStore(t *testing.T) {
	t.Parallel()
	b := setup(t, Config{})
	until := start.Add(time.Hour)
	_, err := b.ledger.Post(t.Context(), b.paced(loyalty.Reached{Limits: loyalty.Lifted(0).With(loyalty.CardPerHour), Until: until}), plain)
	var refusal *loyalty.Refusal
	if !errors.As(err, &refusal) || refusal.Code != loyalty.LimitReached || !refusal.RetryAt.Equal(until) || refusal.Needs != loyalty.Manager {
		t.Fatalf("got %+v", err)
	}
	b.close(t)
	if len(b.store.batches) != 0 || len(b.guard.undone) != 0 {
		t.Errorf("the store was asked %d times, and %d taken back that never counted", len(b.store.batches), len(b.guard.undone))
	}
	if b.guard.trips != 1 {
		t.Errorf("%d trips to the guard, want 1", b.guard.trips)
	}
}

func TestAManagerLiftsALimitAndItIsWritten(t *testing.T) {
	t.Parallel()
	meter := new(counted)
	b := setup(t, Config{Meter: meter})
	lifted := loyalty.Lifted(0).With(loyalty.CardPerHour)
	c := b.paced(loyalty.Reached{Limits: lifted, Until: start.Add(time.Hour), Counted: lifted})
	c.Role, c.Staff = loyalty.Manager, loyalty.StaffID{1}
	if _, err := b.ledger.Post(t.Context(), c, plain); err != nil {
		t.Fatal(err)
	}
	if e := b.store.entries[0]; e.Lifted != lifted || e.Staff != c.Staff {
		t.Errorf("entry says %v lifted by %v", e.Lifted.List(), e.Staff)
	}
	b.close(t)
	if len(b.guard.undone) != 0 {
		t.Error("what happened was taken back")
	}
	if meter.overrides != 1 {
		t.Errorf("%d overrides were told, want 1", meter.overrides)
	}
}

// What counted and came to nothing is taken back; what happened, may have happened,
// or had counted before is not.
func TestWhatCameToNothingCountsNoMore(t *testing.T) {
	t.Parallel()
	counted := loyalty.Reached{Counted: loyalty.Lifted(0).With(loyalty.TillPerMinute), Alone: true}
	for name, tt := range map[string]struct {
		reached loyalty.Reached
		prepare func(*bench, *loyalty.Command)
		undone  int
	}{
		"posted":          {counted, func(*bench, *loyalty.Command) {}, 0},
		"refused":         {counted, func(_ *bench, c *loyalty.Command) { c.Do = loyalty.Earning{Units: -1} }, 1},
		"counted before":  {loyalty.Reached{}, func(_ *bench, c *loyalty.Command) { c.Do = loyalty.Earning{Units: -1} }, 0},
		"a replay":        {counted, func(b *bench, c *loyalty.Command) { b.usedElsewhere(c) }, 1},
		"the store fails": {counted, func(b *bench, _ *loyalty.Command) { b.fails(loyalty.ErrUnavailable) }, 1},
		"unknown":         {counted, func(b *bench, _ *loyalty.Command) { b.fails(loyalty.ErrOutcomeUnknown) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, Config{Patience: time.Millisecond})
			c := b.paced(tt.reached)
			tt.prepare(b, &c)
			_, err := b.ledger.Post(t.Context(), c, plain)
			if (err == nil) != (name == "posted") {
				t.Fatalf("error %v", err)
			}
			b.close(t)
			b.guard.mu.Lock()
			defer b.guard.mu.Unlock()
			if len(b.guard.undone) != tt.undone {
				t.Errorf("%d taken back, want %d", len(b.guard.undone), tt.undone)
			}
			for _, undone := range b.guard.undone {
				if len(undone.Counts) != 1 || undone.Counts[0].Limit != loyalty.TillPerMinute || !undone.Alone {
					t.Errorf("taken back: %+v, want the one that was counted", undone)
				}
			}
		})
	}
}

// usedElsewhere lets the guard know that another request spent a command's nonce.
func (b *bench) usedElsewhere(c *loyalty.Command) {
	b.guard.outcomes[c.Scan.Nonce] = loyalty.Outcome{
		Claim: loyalty.Claim{Merchant: c.Merchant, Nonce: c.Scan.Nonce, Action: c.Kind(), Owner: loyalty.RequestID{99}}, At: start,
	}
}

func (b *bench) fails(err error) {
	b.store.before = func(int, loyalty.Keys) error { return err }
}
