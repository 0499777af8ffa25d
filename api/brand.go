package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// brandStore is what the API asks of brands.
type brandStore interface {
	Brand(ctx context.Context, m loyalty.MerchantID) (loyalty.Brand, error)
	Image(ctx context.Context, m loyalty.MerchantID, hash loyalty.Hash) (loyalty.Image, error)
	ChangeBrand(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, added *loyalty.Image, change func(*loyalty.Brand) (loyalty.Answer, error)) (loyalty.Answer, error)
}

// GetBrand shows how the merchant's cards look.
func (s *Server) GetBrand(c *fiber.Ctx) error {
	brand, err := s.Store.Brand(c.UserContext(), principalOf(c).Merchant)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, brandView(&brand))
}

// SetBrand replaces name, colours and the privacy notice's address.
func (s *Server) SetBrand(c *fiber.Ctx, params gen.SetBrandParams) error {
	var body gen.BrandRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Name != "" {
		if err := checkName(body.Name); err != nil {
			return err
		}
	}
	if body.PrivacyURL != "" && !isNotice(body.PrivacyURL) {
		return invalid("privacy_url", "must be the https:// address of the privacy notice, in ASCII, with a host and no password")
	}
	colors, err := readColors(body.Colors)
	if err != nil {
		return err
	}
	return s.changeBrand(c, params.IdempotencyKey, nil, func(b *loyalty.Brand) {
		b.Name, b.Colors, b.PrivacyURL = body.Name, colors, body.PrivacyURL
	})
}

// changeBrand changes the merchant's brand, with a picture or without, and answers.
func (s *Server) changeBrand(c *fiber.Ctx, key string, added *loyalty.Image, change func(*loyalty.Brand)) error {
	request, err := s.change(c, key)
	if err != nil {
		return err
	}
	now := s.moment()
	answer, err := s.Store.ChangeBrand(c.UserContext(), request, principalOf(c).Merchant, added, func(b *loyalty.Brand) (loyalty.Answer, error) {
		change(b)
		b.Changed = now
		return render(http.StatusOK, brandView(b))
	})
	s.tellAll(err, principalOf(c).Merchant)
	return finish(c, answer, err)
}

const maxNotice = 500 // characters of a privacy notice's address

// isNotice reports whether people can be sent to an address to read a privacy notice.
func isNotice(address string) bool {
	if len(address) > maxNotice || strings.ContainsFunc(address, func(r rune) bool { return r < '!' || r > '~' }) {
		return false
	}
	at, err := url.Parse(address)
	return err == nil && at.Scheme == "https" && strings.HasPrefix(address, "https://") && at.Hostname() != "" && at.User == nil
}

// readColors reads colours, and chooses those that were left open so that they
// can be read. None given are the zero Colors. Errors: missing_field,
// invalid_field, colors_unreadable.
func readColors(given *gen.BrandColors) (colors loyalty.Colors, err error) {
	if given == nil {
		return colors, nil
	}
	if given.Background == "" {
		return colors, missing("colors.background")
	}
	background, err := readColor("background", given.Background)
	if err != nil {
		return colors, err
	}
	colors = loyalty.ColorsOn(background)
	for _, chosen := range []struct {
		name, text string
		into       *loyalty.Color
	}{
		{"foreground", given.Foreground, &colors.Foreground},
		{"label", given.Label, &colors.Label},
		{"accent", given.Accent, &colors.Accent},
	} {
		if chosen.text == "" {
			continue
		}
		if *chosen.into, err = readColor(chosen.name, chosen.text); err != nil {
			return colors, err
		}
	}
	var contrast *loyalty.ContrastError
	if errors.As(colors.Check(), &contrast) {
		return colors, &loyalty.Refusal{
			Code: loyalty.Code(gen.ProblemCodeColorsUnreadable), Field: "colors." + contrast.Field,
			Message: fmt.Sprintf("The %s. For example, %s would do.", contrast, contrast.Instead),
		}
	}
	return colors, nil
}

func readColor(field, text string) (loyalty.Color, error) {
	color, err := loyalty.ParseColor(text)
	if err != nil {
		return color, invalid("colors."+field, "must be # and six hexadecimal digits, such as #d6336c")
	}
	return color, nil
}

func brandView(b *loyalty.Brand) gen.Brand {
	view := gen.Brand{Name: b.Name, Logo: hashView(b.Logo), Icon: hashView(b.Icon), PrivacyURL: b.PrivacyURL}
	if !b.Colors.IsZero() {
		view.Colors = &gen.BrandColors{
			Background: b.Colors.Background.String(), Foreground: b.Colors.Foreground.String(),
			Label: b.Colors.Label.String(), Accent: b.Colors.Accent.String(),
		}
	}
	return view
}

// hashView is empty for none.
func hashView(h loyalty.Hash) string {
	if h == (loyalty.Hash{}) {
		return ""
	}
	return hex.EncodeToString(h[:])
}

// isPicture reports whether a content type is one that artwork reads.
func isPicture(contentType string) bool {
	kind := strings.ToLower(strings.TrimSpace(contentType))
	return kind == "image/png" || kind == "image/jpeg"
}
