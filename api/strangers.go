package api

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// How many tokens that prove nothing may come from one address. Each costs the
// database a look-up by primary key.
const (
	failuresPerSecond = 10
	failuresAtOnce    = 200
)

// maxShut bounds the memory; beyond it all addresses are let in again.
const maxShut = 10_000

// How many claim codes that nobody has given out one asker may try for a card. A
// typing mistake is none of them: the check character finds it.
const (
	guessesPerSecond = 1
	guessesAtOnce    = 20
)

// strangers bounds how often one address may fail to prove who it is, so that
// nobody without a token keeps the database busy. Who has proven it before is not
// asked to wait: behind a proxy all share one address. Guessers are bounded
// likewise, by who they are.
type strangers struct {
	limits            Limiter // in memory
	now               func() time.Time
	what              string // begins their names at limits
	perSecond, atOnce int

	mu   sync.Mutex
	shut map[string]time.Time // addresses that failed too often, until when
}

func newStrangers(c Config, what string, perSecond, atOnce int) strangers {
	return strangers{
		limits: c.TillLimits, now: c.Now, what: what, perSecond: perSecond, atOnce: atOnce, shut: map[string]time.Time{},
	}
}

// shutUntil is when the address may try again, or zero for now.
func (s *strangers) shutUntil(from string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.shut[from]
	if ok && !s.now().Before(until) {
		delete(s.shut, from)
		return time.Time{}
	}
	return until
}

// failed counts one more token that proved nothing.
func (s *strangers) failed(from string) {
	ok, wait := s.limits.Allow(context.Background(), s.what+" "+from, s.perSecond, s.atOnce)
	if ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shut) >= maxShut {
		clear(s.shut)
	}
	s.shut[from] = s.now().Add(wait)
}

// address is whom to hold a failure against: an IPv4 host, or the /64 network
// that one IPv6 host commonly has to itself.
func address(addr netip.Addr) string {
	if addr.Is6() {
		network, _ := addr.Prefix(64) // no error: 64 fits an IPv6 address
		return network.String()
	}
	return addr.String()
}
