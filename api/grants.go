package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// Grant takes the card's discount off a purchase.
func (s *Server) Grant(c *fiber.Ctx, params gen.GrantParams) error {
	var body gen.GrantRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Purchase.Ref == "" {
		return missing("purchase")
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Do = loyalty.Granting{Purchase: &body.Purchase}
	err = s.prepareScan(c, &command, body.Scan, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
}
