package api

import (
	"github.com/gofiber/fiber/v2"

	"stempel/passes/web"
)

// pageWallets are the wallets that a card can be added to from its page. Passes
// signed for trying things out are not among them: no iPhone takes one.
func (s *Server) pageWallets(base string) (list []web.Wallet) {
	if !s.Apple.Trial {
		list = append(list, web.Wallet{Kind: "apple", URL: base + "/apple"})
	}
	if s.Google != nil {
		list = append(list, web.Wallet{Kind: "google", URL: base + "/google"})
	}
	return list
}

// cardApple is the card as a package for Apple Wallet.
func (s *Server) cardApple(c *fiber.Ctx) error {
	p := principalOf(c)
	state, err := s.survivor(c, p.Merchant, p.Card)
	if err != nil {
		return err
	}
	pass, file, err := s.openApplePass(c.UserContext(), state, pageLanguage(c))
	if err != nil {
		return err
	}
	return sendPass(c, &pass, file)
}

// cardGoogle leads on to Google, where the card is added.
func (s *Server) cardGoogle(c *fiber.Ctx) error {
	if s.Google == nil {
		return s.noGoogle()
	}
	p := principalOf(c)
	state, err := s.survivor(c, p.Merchant, p.Card)
	if err != nil {
		return err
	}
	if state.Card.Blocked {
		return errBlockedPass
	}
	link, err := s.googleLink(c.UserContext(), state, pageLanguage(c))
	if err != nil {
		return err
	}
	return c.Redirect(link, fiber.StatusSeeOther)
}
