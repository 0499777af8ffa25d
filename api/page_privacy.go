package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
	"stempel/passes/web"
)

// cardExport sends all that is kept of whoever holds the card: of nobody's card
// the card alone.
func (s *Server) cardExport(c *fiber.Ctx) error {
	p := principalOf(c)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="my-data.json"`)
	member, err := s.Store.MemberOfCard(c.UserContext(), p.Merchant, p.Card)
	if err == nil {
		return s.ExportMember(c, member.ID)
	}
	if !errors.Is(err, loyalty.ErrNotFound) {
		return err
	}
	state, err := s.survivor(c, p.Merchant, p.Card)
	if err != nil {
		return err
	}
	return s.sendExport(c, nil, func(x *export) {
		x.text(`{"consents":[],"cards":[`)
		card := exportedCard{export: x, state: state}
		card.write(time.Time{})
		x.text(`]}`)
	})
}

// cardErase deletes all that is kept of whoever holds the card. Afterwards its
// address opens nothing.
func (s *Server) cardErase(c *fiber.Ctx) error {
	if string(c.Context().PostArgs().Peek("sure")) != "yes" {
		return s.sendCard(c, nil)
	}
	p := principalOf(c)
	member, err := s.Store.MemberOfCard(c.UserContext(), p.Merchant, p.Card)
	switch {
	case err == nil:
		_, err = s.Store.EraseMember(c.UserContext(), loyalty.Answer{}, p.Merchant, member.ID, s.moment(),
			func(loyalty.MemberID, int) (loyalty.Answer, error) { return loyalty.Answer{Status: http.StatusOK}, nil })
	case errors.Is(err, loyalty.ErrNotFound):
		err = s.Store.EraseCard(c.UserContext(), p.Merchant, p.Card, s.moment())
	}
	if err != nil {
		return err
	}
	page := web.Notice{Page: s.plainPage(c), Forget: true}
	page.Heading, page.Text = page.Say("privacy.deleted"), page.Say("privacy.deleted.text")
	c.Set("Clear-Site-Data", `"cache"`) // not "storage", where the person's other cards lie
	return sendPage(c, http.StatusOK, func() ([]byte, error) { return web.RenderNotice(&page) })
}
