package guard

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stempel/internal/engines"
	"stempel/internal/engines/enginetest"
	"stempel/internal/guard/guardtest"
	"stempel/internal/loyalty"
)

// openPatiently returns a guard that waits for a loaded machine, but not for a
// server that is gone: go-redis would, as long as it may.
func openPatiently(t *testing.T, url string) (*Redis, *clock) {
	t.Helper()
	r, clock := open(t, url)
	r.timeout = connectTimeout
	return r, clock
}

// many are outcomes whose keys lie all over a Cluster.
func many() []loyalty.Outcome {
	all := make([]loyalty.Outcome, 64)
	for i := range all {
		all[i] = guardtest.Outcome(guardtest.Claim(i + 1))
	}
	return all
}

// tell gives a healthy guard outcomes and wants them back.
func tell(t *testing.T, r *Redis, told []loyalty.Outcome) {
	t.Helper()
	exchange(t, r, told, nil)
	if known := asks(t, r, told); known != len(told) {
		t.Errorf("%d of %d outcomes are known", known, len(told))
	}
}

// asks replays all and returns how many were answered. An answer is the outcome
// that was told, or none.
func asks(t *testing.T, r *Redis, told []loyalty.Outcome) (known int) {
	t.Helper()
	var claims []loyalty.Claim
	for _, o := range told {
		claims = append(claims, replayOf(o)...)
	}
	answered, err := r.Exchange(t.Context(), loyalty.Told{}, loyalty.Asked{Claims: claims})
	used := answered.Used
	for i := range used {
		if used[i] == nil {
			continue
		}
		if known++; err != nil || *used[i] != told[i] {
			t.Errorf("got %v (%v), want %v", *used[i], err, told[i])
		}
	}
	return known
}

// TestSentinelFailover kills the master: the guard says so, follows to the replica,
// and finds there what had been copied.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	deployment := enginetest.PrivateSentinel(t)
	r, clock := openPatiently(t, sentinelURL(deployment))
	told := many()
	tell(t, r, told)
	if copies := must(t, r.client.(*redis.Client).Wait(t.Context(), 1, unhurried).Result); copies != 1 {
		t.Fatalf("%d replicas have a copy", copies)
	}

	old, err := deployment.KillMaster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := fails(t, r); errors.Is(err, ErrOpen) {
		t.Error("Redis was not asked")
	}
	if !r.Degraded() {
		t.Error("not degraded")
	}
	if err := deployment.Promoted(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	if known := asks(t, r, told); known != len(told) {
		t.Errorf("%d of %d outcomes are known to the replica", known, len(told))
	}
	// The one that was killed comes back empty, and is master no more.
	if err := old.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	tell(t, r, told)
}

// TestClusterFailover kills one master of three. What the others hold stays known,
// its replica takes over, and the guard notices.
func TestClusterFailover(t *testing.T) {
	t.Parallel()
	deployment := enginetest.PrivateCluster(t, engines.ClusterOptions{Replicas: true})
	r, clock := openPatiently(t, clusterURL(deployment))
	told := many()
	tell(t, r, told)

	// Meanwhile others ask without end, as tills do.
	ended := make(chan struct{})
	var askers sync.WaitGroup
	for range 4 {
		askers.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
					asks(t, r, told)
					_, _ = r.Exchange(t.Context(), loyalty.Told{Done: told[:8]}, loyalty.Asked{}) // fails while it must
				}
			}
		})
	}
	old, err := deployment.KillMaster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for !r.Degraded() {
		time.Sleep(time.Millisecond) // before the failover, which takes seconds
	}
	if err := deployment.Whole(t.Context()); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	close(ended)
	askers.Wait()
	recovers(t, r, clock)
	tell(t, r, told)
	if err := old.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := deployment.Whole(t.Context()); err != nil {
		t.Fatal(err)
	}
	recovers(t, r, clock)
	tell(t, r, told)
}

// TestClusterWithoutAThird kills a master that nobody replaces, while the others
// go on: the guard is degraded all the time, not by the luck of a key.
func TestClusterWithoutAThird(t *testing.T) {
	t.Parallel()
	for name, partial := range map[string]bool{"the others serve": true, "all refuse": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deployment := enginetest.PrivateCluster(t, engines.ClusterOptions{Partial: partial})
			r, clock := openPatiently(t, clusterURL(deployment))
			told := many()
			tell(t, r, told)
			old, err := deployment.KillMaster(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range 20 {
				clock.advance(breakerRest)
				asks(t, r, told)
				clock.advance(breakerRest)
				if !r.Degraded() {
					t.Error("not degraded, with a third of the slots gone")
				}
				time.Sleep(engines.FailoverAfter / 10) // the Cluster finds out in between
			}
			if err := old.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := deployment.Whole(t.Context()); err != nil {
				t.Fatal(err)
			}
			recovers(t, r, clock)
			tell(t, r, told)
		})
	}
}
