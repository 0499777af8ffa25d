package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

// heldWorkPath is the page on which a card's holder confirms a work address; empty where
// that brings nothing, as where they are something else than a customer already, or where
// no letters are sent.
func (s *Server) heldWorkPath(seen *sight, base string) string {
	if s.Post == nil || !seen.program.ByWork() || seen.program.Archived || seen.card.Blocked || seen.holder.AudienceAt(s.now()) != loyalty.Customer {
		return ""
	}
	return base + "/work"
}

// heldWork is what such a page is about. Errors: errNoPage.
func (s *Server) heldWork(c *fiber.Ctx) (seen *sight, base string, err error) {
	base = "/card/" + c.Params("token")
	seen, err = s.see(c)
	if err == nil && s.heldWorkPath(seen, base) == "" {
		err = errNoPage
	}
	return seen, base, err
}

// heldWorkPage asks for the work address of whoever has the card.
func (s *Server) heldWorkPage(c *fiber.Ctx) error {
	seen, base, err := s.heldWork(c)
	if err != nil {
		return err
	}
	return sendWork(c, http.StatusOK, &seen.face, base, false)
}

// askHeldWork has a letter written to it, as askWorkLetter does.
func (s *Server) askHeldWork(c *fiber.Ctx) error {
	seen, base, err := s.heldWork(c)
	if err != nil {
		return err
	}
	member, err := s.Store.MemberOfCard(c.UserContext(), seen.face.Merchant, seen.card.ID)
	if err != nil && !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	return s.askWork(c, &seen.face, base, member.ID, seen.card.ID)
}
