package apitest

import (
	"sync"
	"time"

	"stempel/internal/loyalty/loyaltytest"
)

// Clock is the time of a deployment. It stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on a Monday at noon in the shops' zone.
func NewClock() *Clock { return &Clock{now: loyaltytest.Now} }

// Now is what the deployment takes for the present.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
