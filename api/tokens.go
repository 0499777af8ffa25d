package api

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// MintToken makes a code for the customer to show.
func (s *Server) MintToken(c *fiber.Ctx, id gen.CardInPath) error {
	var body gen.TokenRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	p := principalOf(c)
	state, err := s.survivor(c, p.Merchant, p.meant(id))
	if err != nil {
		return err
	}
	token, expires, err := s.mintFor(c, state, body.Method, body.Surface)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusCreated, gen.Token{
		Token: token, ExpiresAt: expires, QRURL: s.qrLink(id, body.Method, body.Surface),
	})
}

// mintFor is mint for who may ask for that method: a phone makes what it shows,
// not what can be printed. Errors: forbidden, and as of mint.
func (s *Server) mintFor(c *fiber.Ctx, state *loyalty.State, method gen.TokenMethod, on gen.Surface) (text string, expires time.Time, err error) {
	if p := principalOf(c); method == gen.TokenMethodStatic && !p.Device.IsZero() {
		return "", expires, refuse(forbidden, "This token may make live codes only: static ones take an API key.")
	}
	return s.mint(state, method, on)
}

// mint makes a live token, or a static text for a surface; print is the usual one.
// Errors: card_blocked, invalid_field.
func (s *Server) mint(state *loyalty.State, method gen.TokenMethod, on gen.Surface) (text string, expires time.Time, err error) {
	card := &state.Card
	if card.Blocked {
		return "", expires, refuse(loyalty.CardBlocked, "This card is blocked: it gets no new codes.")
	}
	switch method {
	case "", gen.TokenMethodLive:
		if on != "" {
			return "", expires, invalid("surface", "is only for static texts")
		}
		return s.Live.Mint(card.ID, s.now())
	case gen.TokenMethodStatic:
	default:
		return "", expires, invalid("method", "must be live or static")
	}
	surface, generation := loyalty.Print, card.PrintGen
	switch on {
	case "", gen.SurfacePrint:
	case gen.SurfaceWallet:
		surface, generation = loyalty.Wallet, card.WalletGen
	default:
		return "", expires, invalid("surface", "must be print or wallet")
	}
	text, err = s.Static.Mint(card.ID, surface, generation, s.now())
	return text, expires, err
}

// qrLink is the signed address of the code as a picture.
func (s *Server) qrLink(id loyalty.CardID, method gen.TokenMethod, surface gen.Surface) string {
	query := url.Values{}
	if method != "" {
		query.Set("method", string(method))
	}
	if surface != "" {
		query.Set("surface", string(surface))
	}
	return s.link("/v1/cards/"+id.String()+"/qr.png", linkScope(id, method, surface), query)
}

// linkScope is what the signature of a link covers beside its end.
func linkScope(id loyalty.CardID, method gen.TokenMethod, surface gen.Surface) string {
	return "qr.png " + id.String() + " " + string(method) + " " + string(surface)
}

// GetQRCode draws a fresh code.
func (s *Server) GetQRCode(c *fiber.Ctx, id gen.CardInPath, params gen.GetQRCodeParams) error {
	size, err := pictureSize(c, params.Size, params.Expires)
	if err != nil {
		return err
	}
	owner, err := s.cardOwner(c, id, linkScope(id, params.Method, params.Surface), params.Expires, params.Signature)
	if err != nil {
		return err
	}
	p := principalOf(c)
	state, err := s.survivor(c, owner, p.meant(id))
	if err != nil {
		return err
	}
	text, _, err := s.mintFor(c, state, params.Method, params.Surface)
	if err != nil {
		return err
	}
	return sendPicture(c, text, size)
}
