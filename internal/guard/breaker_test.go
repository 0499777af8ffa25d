package guard

import (
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := &breaker{now: clock.now}
	const never = -1
	steps := []struct {
		why     string
		after   time.Duration
		allow   bool
		report  int // 1: succeeded, 0: failed, never: not allowed, or the asker left
		changed bool
	}{
		{"at first", 0, true, 1, false},
		{"all is well", 0, true, 1, false},
		{"the first failure", 0, true, 0, true},
		{"at rest", 0, false, never, false},
		{"still", breakerRest - 1, false, never, false},
		{"one try", 1, true, never, false},
		{"while that one tries", breakerRest - 1, false, never, false},
		{"it was not heard of again", 1, true, 0, false},
		{"at rest anew", breakerRest - 1, false, never, false},
		{"a success", 1, true, 1, true},
		{"all is well again", 0, true, 1, false},
	}
	for _, step := range steps {
		clock.advance(step.after)
		if got := b.allow(); got != step.allow {
			t.Errorf("%s: allowed %v, want %v", step.why, got, step.allow)
		}
		if step.report == never {
			continue
		}
		if got := b.report(step.report == 1); got != step.changed {
			t.Errorf("%s: changed %v, want %v", step.why, got, step.changed)
		}
	}
}
