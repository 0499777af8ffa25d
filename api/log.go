package api

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
)

// slow is from when on a request is worth a line in the log without being asked
// for: somebody was standing at a till.
const slow = time.Second

// logRequest writes one line per request at debug, and at info for slow ones.
// It knows routes, codes and ids, never a path, a query, a header or a body.
func (s *Server) logRequest(c *fiber.Ctx, route, code string, took time.Duration) {
	level, message := slog.LevelDebug, "request"
	if took >= slow {
		level, message = slog.LevelInfo, "slow request"
	}
	if !s.log.Enabled(c.Context(), level) {
		return
	}
	line := []slog.Attr{
		slog.String("request_id", requestID(c)),
		slog.String("method", c.Method()), slog.String("route", route),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", took),
	}
	if code != "" {
		line = append(line, slog.String("code", code))
	}
	if p := principalOf(c); !p.Merchant.IsZero() {
		line = append(line, slog.String("merchant", p.Merchant.String()), slog.String(p.scheme(), p.name()))
	}
	s.log.LogAttrs(c.Context(), level, message, line...)
}

// name is the id of the till, phone or key that asks.
func (p *principal) name() string {
	switch {
	case !p.Till.ID.IsZero():
		return p.Till.ID.String()
	case !p.Device.IsZero():
		return p.Device.String()
	}
	return p.Key.String()
}
