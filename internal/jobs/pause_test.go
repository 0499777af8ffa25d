package jobs

import (
	"testing"
	"time"
)

func TestPauses(t *testing.T) {
	var all time.Duration
	for failures := range attempts {
		p := pause(failures)
		if p < time.Second || p > longest || failures > 0 && p < pause(failures-1) {
			t.Errorf("after %d failures it waits %v", failures, p)
		}
		all += p
	}
	if all < 20*time.Hour || all > 30*time.Hour {
		t.Errorf("a job is tried for %v, want about a day", all)
	}
}
