package apitest

import (
	"encoding/binary"
	"sync"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
)

// Clock is the time of a deployment. It stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
	ids uint64 // the last time of an id: milliseconds, and 12 bits to count with
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

// IDsByClock has entries' ids tell the deployment's time, as they do in production
// where that is the machine's: for what looks entries up by the time in their ids.
func IDsByClock(s *Setup) { s.newID = s.clock.newID }

// newID is a UUIDv7 after all those before.
func (c *Clock) newID() (id [16]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id = loyalty.NewID()
	c.ids = max(c.ids+1, uint64(c.now.UnixMilli())<<12)
	binary.BigEndian.PutUint64(id[:], c.ids>>12<<16|0x7000|c.ids&0xfff)
	return id
}
