package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/credential"
	"stempel/internal/loyalty"
)

// How often one address may try a pairing code, over all processes. Several tills
// of a shop share one.
const (
	pairingsPerSecond = 1
	pairingsAtOnce    = 30
)

// PairTill turns a pairing code into a till's token. Nobody is authenticated here:
// whoever has the code is meant. What cannot be a code is told as such, and is no
// try: nothing is looked up for it.
func (s *Server) PairTill(c *fiber.Ctx, params gen.PairTillParams) error {
	var body gen.PairingRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Code == "" {
		return missing("code")
	}
	code, ok := credential.ParsePairingCode(body.Code)
	if !ok {
		return invalid("code", "must be the 10 letters and digits of a pairing code, such as 7KQ2M-X4B9T")
	}
	if err := s.limitPairing(c); err != nil {
		return err
	}
	hash := s.PINs.PairingHash(code)
	// Its code is who asks, so that the Idempotency-Keys of strangers never meet.
	c.Locals(principalLocal, principal{id: [16]byte(hash[:16])})
	request, err := s.change(c, params.IdempotencyKey)
	if err != nil {
		return err
	}
	answer, err := s.Store.Pair(c.UserContext(), request, hash, s.moment(), renderPaired)
	return finish(c, answer, err)
}

func (s *Server) limitPairing(c *fiber.Ctx) error {
	from := "pairing " + s.auth.proxies.from(c)
	ok, wait := s.KeyLimits.Allow(c.UserContext(), from, pairingsPerSecond, pairingsAtOnce)
	if ok {
		return nil
	}
	return tooMany(s.now().Add(wait))
}

// renderPaired makes the token and shows it this once.
func renderPaired(p *loyalty.PairedTill) (loyalty.Hash, loyalty.Answer, error) {
	token, hash := credential.NewTillSecret(p.Till.ID)
	answer, err := render(http.StatusCreated, gen.PairedTill{
		Till: tillView(&p.Till), Location: locationView(&p.At), MerchantName: p.Of.Name, Token: token,
	})
	answer.Secret = true
	return hash, answer, err
}
