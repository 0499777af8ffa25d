package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// problem is the one exit for everything that is not a success: it turns an
// error into a problem+json answer (RFC 9457) and logs what is our own fault.
func (s *Server) problem(c *fiber.Ctx, err error) error {
	p := s.describe(c, err)
	p.RequestID = requestID(c)
	if p.Status >= http.StatusInternalServerError && p.Code != gen.ProblemCodeTimeout {
		s.log.Error("request failed", slog.String("request_id", p.RequestID), slog.String("route", c.Route().Path),
			slog.String("code", string(p.Code)), slog.Any("error", err))
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Locals(codeLocal, string(p.Code))
	c.Status(int(p.Status))
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Set(fiber.HeaderCacheControl, "no-store")
	switch p.Status {
	case http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	case http.StatusServiceUnavailable:
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	return c.Send(body)
}

// describe says what an error means to the asker, and no more.
func (s *Server) describe(c *fiber.Ctx, err error) gen.Problem {
	var refusal *loyalty.Refusal
	var field *badField
	var rules *loyalty.FieldError
	var parameter *gen.ParameterError
	var routing *fiber.Error
	var whole *wrongRules
	switch {
	case errors.As(err, &whole):
		return s.describeRules(c, whole)
	case errors.As(err, &refusal):
		return s.refusal(c, refusal)
	case errors.As(err, &field):
		p := newProblem(field.code, "The field "+field.field+" "+field.problem+".")
		p.Field = field.field
		return p
	case errors.As(err, &parameter):
		return parameterProblem(parameter)
	case errors.As(err, &rules):
		p := newProblem(invalidField, "The field "+rules.Field+" "+rules.Problem+".")
		p.Field = rules.Field
		return p
	case errors.Is(err, loyalty.ErrOutcomeUnknown):
		return newProblem(outcomeUnknown, "It is not known whether this was done. Ask again with the same Idempotency-Key: it will not be done twice.")
	case errors.Is(err, ledger.ErrOverloaded):
		return newProblem(overloaded, "The server is busy. Nothing was done: ask again in a second.")
	case errors.Is(err, ledger.ErrClosed), errors.Is(err, loyalty.ErrUnavailable):
		return newProblem(unavailable, "The server cannot do this right now. Nothing was done: ask again, with the same Idempotency-Key if there was one.")
	case errors.Is(err, ledger.ErrAbandoned), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(timedOut, "This took too long. Nothing was done: ask again, with the same Idempotency-Key if there was one.")
	case errors.As(err, &routing):
		return routingProblem(c, routing)
	}
	return newProblem(internalError, "Something went wrong on our side. Ask again, with the same Idempotency-Key if there was one, and quote the request_id if it stays.")
}

// refusal tells a refusal, and what the asker may know of its reason.
func (s *Server) refusal(c *fiber.Ctx, r *loyalty.Refusal) gen.Problem {
	p := newProblem(r.Code, r.Message)
	p.Entry, p.Card, p.Field = r.Entry, r.Card, r.Field
	p.Least, p.Most = r.Least, r.Most
	if principalOf(c).Scope == loyalty.Admin {
		p.Member = r.Member
	}
	if r.Needs != loyalty.NoRole {
		p.Needs = gen.Role(r.Needs.String())
	}
	if !r.RetryAt.IsZero() {
		p.RetryAt = r.RetryAt
		wait := (r.RetryAt.Sub(s.now()) + time.Second - 1) / time.Second // whole ones
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int(wait))))
	}
	p.Used = usedView(r)
	return p
}

// routingProblem translates what Fiber itself refuses: addresses, and requests
// that it could not read to their end.
func routingProblem(c *fiber.Ctx, e *fiber.Error) gen.Problem {
	switch e.Code {
	case http.StatusNotFound:
		return newProblem(notFound, "There is nothing at this address.")
	case http.StatusMethodNotAllowed:
		return newProblem(methodNotAllowed, "This address does not take that method.")
	}
	hearOut(c)
	switch e.Code {
	case http.StatusRequestEntityTooLarge:
		return newProblem(bodyTooLarge, bodyOf(c.Method(), c.OriginalURL()).tooLarge)
	case http.StatusRequestHeaderFieldsTooLarge:
		return newProblem(invalidField, "The address and headers of the request are larger than 8 KiB.")
	case http.StatusRequestTimeout:
		return newProblem(timedOut, "The request took too long to arrive. Nothing was done: send it again.")
	}
	if e.Code >= http.StatusInternalServerError {
		return newProblem(internalError, "Something went wrong on our side.")
	}
	return newProblem(invalidField, "The request cannot be read: it is not HTTP/1.1 as we know it.")
}
