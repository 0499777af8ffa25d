package api

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/passes/artwork"
)

var errNoImage = refuse(loyalty.Code(gen.ProblemCodeImageNotFound), "There is no such picture. Upload one with PUT.")

// GetLogo shows the logo as it is kept.
func (s *Server) GetLogo(c *fiber.Ctx) error {
	return s.sendImage(c, func(b *loyalty.Brand) loyalty.Hash { return b.Logo })
}

// SetLogo takes a picture as logo.
func (s *Server) SetLogo(c *fiber.Ctx, params gen.SetLogoParams) error {
	return s.setImage(c, params.IdempotencyKey, func(b *loyalty.Brand, h loyalty.Hash) { b.Logo = h })
}

// DeleteLogo takes the logo back.
func (s *Server) DeleteLogo(c *fiber.Ctx, params gen.DeleteLogoParams) error {
	return s.changeBrand(c, params.IdempotencyKey, nil, func(b *loyalty.Brand) { b.Logo = loyalty.Hash{} })
}

// GetIcon shows the icon as it is kept.
func (s *Server) GetIcon(c *fiber.Ctx) error {
	return s.sendImage(c, func(b *loyalty.Brand) loyalty.Hash { return b.Icon })
}

// SetIcon takes a picture as icon.
func (s *Server) SetIcon(c *fiber.Ctx, params gen.SetIconParams) error {
	return s.setImage(c, params.IdempotencyKey, func(b *loyalty.Brand, h loyalty.Hash) { b.Icon = h })
}

// DeleteIcon takes the icon back.
func (s *Server) DeleteIcon(c *fiber.Ctx, params gen.DeleteIconParams) error {
	return s.changeBrand(c, params.IdempotencyKey, nil, func(b *loyalty.Brand) { b.Icon = loyalty.Hash{} })
}

// sendImage answers with one of the brand's pictures. Errors: image_not_found.
func (s *Server) sendImage(c *fiber.Ctx, which func(*loyalty.Brand) loyalty.Hash) error {
	merchant := principalOf(c).Merchant
	brand, err := s.Store.Brand(c.UserContext(), merchant)
	if err != nil {
		return err
	}
	picture, err := s.Store.Image(c.UserContext(), merchant, which(&brand))
	if errors.Is(err, loyalty.ErrNotFound) {
		return errNoImage
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(picture.PNG)
}

// setImage reads the picture in a request's body and shows it from now on.
// Errors: unsupported_media_type; as of artwork.Read.
func (s *Server) setImage(c *fiber.Ctx, key string, show func(*loyalty.Brand, loyalty.Hash)) error {
	body := c.Request().Body() // as it came: fiber's would decompress it, to any size
	if len(body) == 0 {
		return missing("body")
	}
	if !isPicture(c.Get(fiber.HeaderContentType)) {
		return refuse(unsupportedMediaType, "Send the file itself as the body, as image/png or image/jpeg.")
	}
	if encoding := c.Get(fiber.HeaderContentEncoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refuse(unsupportedMediaType, "Send the body as it is, without Content-Encoding.")
	}
	picture, err := artwork.Read(c.UserContext(), body)
	if err != nil {
		return err
	}
	picture.Merchant, picture.Added = principalOf(c).Merchant, s.moment()
	return s.changeBrand(c, key, &picture, func(b *loyalty.Brand) { show(b, picture.Hash) })
}
