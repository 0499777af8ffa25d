package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	contract "stempel/mobile-contracts"
)

// GetHealth says that the process lives.
func (s *Server) GetHealth(c *fiber.Ctx) error {
	return s.json(c, http.StatusOK, gen.Health{Status: "ok"})
}

// GetReadiness says whether the server can do its work. Without its guard it
// can, with less behind it: degraded is ready.
func (s *Server) GetReadiness(c *fiber.Ctx) error {
	ready := gen.Readiness{Status: gen.ReadinessStatusReady, Database: gen.ConditionUp, Guard: gen.ConditionUp}
	status := http.StatusOK
	if s.Degraded() {
		ready.Status, ready.Guard = gen.ReadinessStatusDegraded, gen.ConditionDown
	}
	if err := s.Store.Ready(c.UserContext()); err != nil {
		ready.Status, ready.Database = gen.ReadinessStatusUnavailable, gen.ConditionDown
		status = http.StatusServiceUnavailable
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return s.json(c, status, ready)
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
	return c.Send(contract.OpenAPI)
}
