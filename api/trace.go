package api

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// trace makes a request a span, below that of a caller who sends a traceparent
// (W3C Trace Context). It stands before all others where there is a tracer, and
// else nowhere. The span knows the route and the outcome, never what came in.
func (s *Server) trace(c *fiber.Ctx) error {
	ctx := propagation.TraceContext{}.Extract(context.Background(), headers{c})
	ctx, span := s.Tracer.Start(ctx, c.Method(), trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetUserContext(ctx)
	err := c.Next()
	route, status := routeOf(c), c.Response().StatusCode()
	span.SetName(c.Method() + " " + route)
	span.SetAttributes(
		attribute.String("http.request.method", c.Method()),
		attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status),
		attribute.String("stempel.request_id", requestID(c)),
	)
	if code, ok := c.Locals(codeLocal).(string); ok {
		span.SetAttributes(attribute.String("stempel.problem", code))
	}
	if p := principalOf(c); !p.Merchant.IsZero() {
		span.SetAttributes(attribute.String("stempel.merchant", p.Merchant.String()), attribute.String("stempel."+p.scheme(), p.name()))
	}
	if status >= fiber.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	return err
}

// traced is the context that a request's work begins with.
func (s *Server) traced(c *fiber.Ctx) context.Context {
	if s.Tracer == nil {
		return context.Background()
	}
	return c.UserContext()
}

// headers are those of a request, to be read.
type headers struct{ c *fiber.Ctx }

var _ propagation.TextMapCarrier = headers{}

func (h headers) Get(name string) string { return h.c.Get(name) }
func (headers) Set(string, string)       {}
func (headers) Keys() []string           { return nil }
