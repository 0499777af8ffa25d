package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// How many callbacks that are not Google's one address may send: each costs two
// verifications.
const (
	forgeriesPerSecond = 1
	forgeriesAtOnce    = 100
)

// HearGoogleWallet hears that a pass was saved or deleted.
func (s *Server) HearGoogleWallet(c *fiber.Ctx) error {
	var shape gen.GoogleCallback // what is signed is verified over the bytes as they came
	if err := decode(c, &shape); err != nil {
		return err
	}
	if s.Google == nil {
		return s.noGoogle()
	}
	from := s.auth.proxies.from(c)
	if until := s.forgers.shutUntil(from); !until.IsZero() {
		return tooMany(until)
	}
	event, err := s.Google.Read(c.UserContext(), c.Request().Body())
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) {
		s.forgers.failed(from)
	}
	if err != nil {
		return err
	}
	fresh, err := s.Store.HearGoogle(c.UserContext(), event, s.moment())
	outcome := gen.GoogleHeardOutcomeDone
	switch {
	case errors.Is(err, loyalty.ErrNotFound): // of a merchant or member that is no more
		outcome = gen.GoogleHeardOutcomeUnknownPass
	case err != nil:
		return err
	case !fresh:
		outcome = gen.GoogleHeardOutcomeRepeated
	}
	return s.json(c, http.StatusOK, gen.GoogleHeard{Outcome: outcome})
}
