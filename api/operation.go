package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	contract "stempel/mobile-contracts"
)

// GetHealth says that the process lives.
func (s *Server) GetHealth(c *fiber.Ctx) error {
	return s.json(c, http.StatusOK, gen.Health{Status: "ok"})
}

// readiness is what was found when somebody last asked. Anybody may, without a
// key: hence the database and Redis are asked once a second at most.
type readiness struct {
	mu    sync.Mutex
	until time.Time
	found gen.Readiness
}

const (
	readinessLife     = time.Second
	readinessPatience = 2 * time.Second // a probe will not wait longer
)

// GetReadiness says whether the server can do its work. Without its guard it
// can, with less behind it: degraded is ready.
func (s *Server) GetReadiness(c *fiber.Ctx) error {
	found := s.readiness(c.UserContext())
	if s.port.isClosed() {
		found.Status = gen.ReadinessStatusUnavailable
	}
	if found.Status == gen.ReadinessStatusUnavailable {
		return s.json(c, http.StatusServiceUnavailable, found)
	}
	return s.json(c, http.StatusOK, found)
}

func (s *Server) readiness(ctx context.Context) gen.Readiness {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	if s.now().Before(s.ready.until) {
		return s.ready.found
	}
	found := gen.Readiness{Status: gen.ReadinessStatusReady, Database: gen.ConditionUp, Guard: gen.ConditionUp}
	if s.Degraded() {
		found.Status, found.Guard = gen.ReadinessStatusDegraded, gen.ConditionDown
	}
	ctx, cancel := context.WithTimeout(ctx, readinessPatience)
	defer cancel()
	if err := s.Store.Ready(ctx); err != nil {
		found.Status, found.Database = gen.ReadinessStatusUnavailable, gen.ConditionDown
	}
	s.ready.found, s.ready.until = found, s.now().Add(readinessLife)
	return found
}

// GetMetrics is the page for Prometheus.
func (s *Server) GetMetrics(c *fiber.Ctx) error {
	s.metrics.page(c.Context())
	return nil
}

// GetKeys are the public keys that receipts and live tokens are signed with.
func (s *Server) GetKeys(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "public, max-age=300")
	return c.Send(s.JWKS())
}

// GetContract is the document that this package is generated from.
func (s *Server) GetContract(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	c.Vary(fiber.HeaderAcceptEncoding)
	if !readsGzip(c) {
		return c.Send(contract.OpenAPI())
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(contract.Packed)
}

// readsGzip reports whether who asks says so (RFC 9110 §12.5.3).
func readsGzip(c *fiber.Ctx) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") != ""
}
