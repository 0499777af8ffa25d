package guard

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// bucketLife is how long an unused bucket is kept. One that refills faster is
	// full by then, and a new one is its equal.
	bucketLife = 10 * time.Minute

	// mostBuckets bounds one half of the buckets, some 10 MB in all. An attack
	// with more keys than that resets the buckets of others, no more.
	mostBuckets = 1 << 15
)

// buckets are the token buckets of one process.
type buckets struct {
	now func() time.Time

	mu   sync.Mutex
	kept generations[bucketKey, *rate.Limiter]
}

// bucketKey has the limit in it: the same name under another limit is another
// bucket.
type bucketKey struct {
	name      string
	perSecond rate.Limit
	burst     int
}

func newBuckets(now func() time.Time) *buckets {
	return &buckets{now: now, kept: generations[bucketKey, *rate.Limiter]{life: bucketLife, most: mostBuckets}}
}

// allow takes a token, or says how long until there is one.
func (b *buckets) allow(name string, perSecond rate.Limit, burst int) (ok bool, retryAfter time.Duration) {
	key := bucketKey{name, perSecond, burst}
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, known := b.kept.get(key, now)
	if !known {
		bucket = rate.NewLimiter(perSecond, burst)
	}
	b.kept.put(key, bucket, now) // also an old one: it is in use
	token := bucket.ReserveN(now, 1)
	if wait := token.DelayFrom(now); wait > 0 {
		token.CancelAt(now)
		return false, wait
	}
	return true, 0
}
