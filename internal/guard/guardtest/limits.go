package guardtest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// No test knows how long it takes, and a real Redis has a real clock: buckets
// here gain a token a second, and each test allows for some that came meanwhile.

const enough = 1000 // asks until any bucket here is empty

// drain takes all tokens and returns how many there were, and how long to wait
// for the next.
func (b *bench) drain(t *testing.T, key string, burst int) (taken int, retryAfter time.Duration) {
	t.Helper()
	for range enough {
		ok, wait := b.guard.Allow(t.Context(), key, 1, burst)
		if !ok {
			if wait <= 0 || wait > time.Second {
				t.Errorf("refused, and told to wait %v for a token that comes each second", wait)
			}
			return taken, wait
		}
		if wait != 0 {
			t.Errorf("allowed, and told to wait %v", wait)
		}
		taken++
	}
	t.Fatalf("a bucket of %d gave %d tokens", burst, taken)
	return 0, 0
}

func bucketHoldsBurst(t *testing.T, b *bench) {
	for _, burst := range []int{1, 3, 20} {
		key := time.Duration(burst).String()
		if taken, _ := b.drain(t, key, burst); taken < burst {
			t.Errorf("a bucket of %d gave %d tokens", burst, taken)
		}
	}
}

func bucketFills(t *testing.T, b *bench) {
	_, wait := b.drain(t, "till", 3)
	b.advance(wait)
	if taken, _ := b.drain(t, "till", 3); taken < 1 {
		t.Error("no token after the wait that was asked for")
	}
	b.advance(time.Hour)
	if taken, _ := b.drain(t, "till", 3); taken < 3 {
		t.Errorf("an idle bucket of 3 gave %d tokens", taken)
	}
}

// slowBucket holds that a bucket which gains a token an hour gains none meanwhile.
func slowBucket(t *testing.T, b *bench) {
	for range 3 {
		if ok, _ := b.guard.AllowEvery(t.Context(), "slow", time.Hour, 3); !ok {
			t.Error("refused, while there are tokens")
		}
	}
	if ok, wait := b.guard.AllowEvery(t.Context(), "slow", time.Hour, 3); ok || wait < 30*time.Minute || wait > time.Hour {
		t.Errorf("a fourth of three tokens: %v, wait %v", ok, wait)
	}
}

func bucketsApart(t *testing.T, b *bench) {
	b.drain(t, "one", 2)
	if taken, _ := b.drain(t, "two", 2); taken < 2 {
		t.Errorf("the second of two buckets of 2 gave %d tokens", taken)
	}
}

func crowdSharesBucket(t *testing.T, b *bench) {
	const burst = 50
	var taken atomic.Int32
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for range enough {
				if ok, _ := b.guard.Allow(t.Context(), "crowd", 1, burst); !ok {
					return
				}
				taken.Add(1)
			}
		})
	}
	group.Wait()
	if n := taken.Load(); n < burst || n >= 10*burst {
		t.Errorf("ten askers took %d tokens from a bucket of %d", n, burst)
	}
}
