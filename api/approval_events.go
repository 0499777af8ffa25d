package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/internal/loyalty"
)

const eventStream = "text/event-stream"

// How often a stream looks by itself. Notices between processes may be lost, and
// without Redis there are none: somebody at the counter is not to notice.
const (
	tillLooks = 3 * time.Second
	pageLooks = 2 * time.Second
)

// stream sends server-sent events (WHATWG HTML §9.2) until tell is done: under the name
// of the card or till that it is for, if there is room for one more of it.
func (s *Server) stream(c *fiber.Ctx, room *room, of [16]byte, tell func(say func(string) error)) error {
	if !room.enter(of) {
		return tooMany(s.now().Add(heartbeat))
	}
	conn := c.Context().Conn()
	c.Set(fiber.HeaderContentType, eventStream)
	c.Set("X-Accel-Buffering", "no") // proxies are to pass each event on
	c.Status(http.StatusOK).Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer room.leave(of)
		defer func() {
			if recover() != nil { // nobody else would, and the process would end
				s.log.Error("a stream panicked")
			}
		}()
		tell(func(text string) error {
			// The server's patience counts from the answer's beginning; ours from each event.
			_ = conn.SetWriteDeadline(time.Now().Add(heartbeat + writePatience))
			_, _ = w.WriteString(text)
			return w.Flush()
		})
	})
	return nil
}

// streamApprovals tells a till who waits, whenever that changes.
func (s *Server) streamApprovals(c *fiber.Ctx, till loyalty.Till, limit int) error {
	return s.stream(c, &s.streams.tills, till.ID, func(say func(string) error) {
		var told []byte
		s.follow(till.Location, tillLooks, streamLife, say, func(ctx context.Context) bool {
			access, err := s.Store.TillAccess(ctx, till.ID)
			if err != nil || access.Till.CheckPaired(till.Pairing) != nil || access.Till.Location != till.Location {
				return false // it asks again, and is told why, or what waits at its new shop
			}
			page, err := s.approvals(ctx, till, loyalty.ApprovalID{}, limit)
			if err != nil {
				s.log.Warn("a till is not told who waits", slog.Any("error", err))
				return false
			}
			data, err := json.Marshal(page)
			if err != nil || told != nil && bytes.Equal(data, told) {
				return err == nil
			}
			told = data
			return say("data: "+string(data)+"\n\n") == nil
		})
	})
}

// follow looks at once, whenever something is told of, and by itself every so often,
// until look wants no more, nobody listens, the time is up, or the server stops.
func (s *Server) follow(of [16]byte, every, life time.Duration, say func(string) error, look func(context.Context) bool) {
	changed, leave := s.Pages.Wait(of)
	defer leave()
	tick, beat, end := time.NewTicker(every), time.NewTicker(heartbeat), time.NewTimer(life)
	defer tick.Stop()
	defer beat.Stop()
	defer end.Stop()
	patiently := func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), lookPatience)
		defer cancel()
		return look(ctx)
	}
	if say("retry: 3000\n\n") != nil || !patiently() {
		return
	}
	for {
		select {
		case <-s.streams.closing:
			return
		case <-end.C:
			return
		case <-beat.C:
			if say(":\n\n") != nil {
				return
			}
			continue
		case <-changed:
		case <-tick.C:
		}
		if !patiently() {
			return
		}
	}
}
