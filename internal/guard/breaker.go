package guard

import (
	"sync"
	"time"
)

// breakerRest is how long Redis is left alone after a failure. A hanging Redis
// then costs all askers together one timeout a second, and a recovered one is
// noticed a second later.
const breakerRest = time.Second

// breaker is open after a failure until something succeeds. While open, it lets
// one try through per breakerRest.
type breaker struct {
	now func() time.Time

	mu   sync.Mutex
	open bool
	next time.Time // when open: the next try
}

// allow reports whether Redis may be asked now. Whoever is allowed reports back.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true
	}
	now := b.now()
	if now.Before(b.next) {
		return false
	}
	b.next = now.Add(breakerRest)
	return true
}

// report takes in how a try ended, and returns whether that opened or closed the
// breaker.
func (b *breaker) report(succeeded bool) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed = b.open == succeeded
	b.open = !succeeded
	if b.open {
		b.next = b.now().Add(breakerRest)
	}
	return changed
}
