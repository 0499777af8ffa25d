package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

// limit bounds how often one principal may ask. The burst is a few seconds'
// worth, so that a queue of customers or a page full of cards passes.
func (s *Server) limit(c *fiber.Ctx, p *principal) error {
	limiter, rate := s.KeyLimits, s.KeyRate
	switch {
	case !p.Till.ID.IsZero():
		limiter, rate = s.TillLimits, s.TillRate
	case !p.Device.IsZero():
		rate = s.CardRate
	}
	if rate == 0 {
		return nil
	}
	ok, wait := limiter.Allow(c.UserContext(), string(p.id[:]), rate, 4*rate)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

// How often one code is drawn for signed links. A page draws it anew each
// minute.
const (
	linksPerSecond = 2
	linksAtOnce    = 20
)

// limitLink bounds what a link that got around can cost.
func (s *Server) limitLink(c *fiber.Ctx, of [16]byte) error {
	ok, wait := s.TillLimits.Allow(c.UserContext(), "link "+string(of[:]), linksPerSecond, linksAtOnce)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

// How many test events a merchant may have sent. They go wherever the merchant
// says, at once and whatever the answer, so they must not come in numbers.
const (
	testsPerSecond = 1
	testsAtOnce    = 5
)

// limitTests bounds what we can be made to send.
func (s *Server) limitTests(c *fiber.Ctx, m loyalty.MerchantID) error {
	ok, wait := s.KeyLimits.Allow(c.UserContext(), "webhook test "+string(m[:]), testsPerSecond, testsAtOnce)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

func tooMany(until time.Time) error {
	return &loyalty.Refusal{Code: rateLimited, Message: "Too many requests. Wait a moment and ask again.", RetryAt: until}
}
