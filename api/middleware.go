package api

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"stempel/api/gen"
	"stempel/internal/logs"
	"stempel/internal/loyalty"
)

// Names of what middleware leaves for handlers.
const (
	principalLocal = "principal"
	requestLocal   = "request_id"
	codeLocal      = "code"
	methodLocal    = "method"  // of what a till read: a loyalty.Method
	successLocal   = "success" // of what posts nothing: looked, issued
)

// prepare names the request and bounds its time.
func (s *Server) prepare(c *fiber.Ctx) error {
	requestID(c)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "no-store") // balances and codes are of this moment, and nobody else's
	ctx, cancel := context.WithTimeout(s.traced(c), bodyOf(c.Method(), c.OriginalURL()).patience)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// requestID names the request in logs, problems and a header: as a proxy before
// us has named it, or afresh.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestLocal).(string); ok {
		return id
	}
	id := c.Get(fiber.HeaderXRequestID)
	if !isRequestID(id) {
		id = uuid.NewString()
	}
	c.Locals(requestLocal, id)
	c.Set(fiber.HeaderXRequestID, id)
	return id
}

// isRequestID accepts what proxies make and nothing that could forge a log line.
func isRequestID(text string) bool {
	if len(text) == 0 || len(text) > 64 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// recover turns a panic into an internal problem; the process lives on.
func (s *Server) recover(c *fiber.Ctx) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			s.log.Error("handler panicked", slog.String("request_id", requestID(c)),
				logs.Panic(panicked), slog.String("stack", string(debug.Stack())))
			err = errors.New("a handler panicked")
		}
	}()
	return c.Next()
}

// guarded stands before an operation of the contract: it lets in who its
// security schemes name, at the rate that they may ask.
func (s *Server) guarded(op gen.Operation) fiber.Handler {
	if len(op.Security) == 0 || slices.Contains(op.Security, "pass") { // the handler checks the pass's token
		return func(c *fiber.Ctx) error {
			if err := refuseUnknown(c, &op); err != nil {
				return err
			}
			return c.Next()
		}
	}
	linkable := slices.Contains(op.Security, "link")
	inTrip := slices.Contains(readsTill, op.ID)
	return func(c *fiber.Ctx) error {
		if linkable && c.Query("signature") != "" && c.Get(fiber.HeaderAuthorization) == "" {
			return c.Next() // the handler checks the signature over what it reads; messengers may have added to it
		}
		p, err := s.auth.principal(c, inTrip)
		if err != nil {
			return err
		}
		if err := s.limit(c, &p); err != nil {
			return err
		}
		if !slices.Contains(op.Security, p.scheme()) {
			return refuse(forbidden, "This token may not do that: "+who(op.Security)+".")
		}
		if p.Revoked {
			return errRevoked
		}
		if id, err := loyalty.ParseID[loyalty.CardID](c.Params("card")); err == nil { // the binding tells what is no id at all
			if err := s.owned(c, &p, id); err != nil {
				return err
			}
		}
		c.Locals(principalLocal, p)
		if err := refuseUnknown(c, &op); err != nil {
			return err
		}
		return c.Next()
	}
}

// readsTill are the operations that read the till in the trip to the database
// which they make anyway. All others may not rely on memory.
var readsTill = []string{"scan", "earn", "openBalance", "redeem", "grant", "voidEntry"}

var errRevoked = loyalty.RefuseRevoked()

// scheme is the principal's security scheme in the contract.
func (p *principal) scheme() string {
	switch {
	case !p.Till.ID.IsZero():
		return "till"
	case !p.Device.IsZero():
		return "card"
	}
	return string(p.Scope)
}

// who says what kinds of token an operation takes.
func who(security []string) string {
	var kinds []string
	switch admin := slices.Contains(security, "admin"); {
	case admin && slices.Contains(security, "app"):
		kinds = append(kinds, "an API key")
	case admin:
		kinds = append(kinds, "an API key of scope admin")
	}
	if slices.Contains(security, "till") {
		kinds = append(kinds, "a till's token")
	}
	if slices.Contains(security, "card") {
		kinds = append(kinds, "the card's own token")
	}
	return "it takes " + strings.Join(kinds, " or ")
}

func principalOf(c *fiber.Ctx) principal {
	p, _ := c.Locals(principalLocal).(principal)
	return p
}

// replayedHeader is on every answer that was stored for a retry.
const replayedHeader = "Idempotent-Replayed"

// send writes a stored or fresh answer.
func send(c *fiber.Ctx, a loyalty.Answer) error {
	if a.Replayed {
		c.Set(replayedHeader, "true")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Status(a.Status).Send(a.Body)
}
