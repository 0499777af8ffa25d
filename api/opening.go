package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// OpenBalance carries a paper card over.
func (s *Server) OpenBalance(c *fiber.Ctx, params gen.OpenBalanceParams) error {
	body := gen.OpeningRequest{Units: absent}
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Units == absent {
		return missing("units")
	}
	command, err := s.command(c, params.IdempotencyKey, true)
	if err != nil {
		return err
	}
	command.Do = loyalty.OpeningBalance{Units: body.Units}
	err = s.prepareScan(c, &command, body.Scan, body.PIN)
	return s.post(c, command, err, s.renderPosting(http.StatusOK))
}
