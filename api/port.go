package api

import (
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// port is a listener that is opened and closed once, in whichever order, and
// whose connections can hear a client out.
type port struct {
	net.Listener
	mu     sync.Mutex
	closed bool
}

// open reports false when the port has been closed before.
func (p *port) open(on net.Listener) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Listener = on
	return !p.closed
}

// Accept waits for the next connection.
func (p *port) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &caller{Conn: conn}, nil
}

// Close stops accepting. Further calls do nothing.
func (p *port) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.Listener == nil {
		p.closed = true
		return nil
	}
	p.closed = true
	return p.Listener.Close()
}

func (p *port) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// caller is a connection.
type caller struct {
	net.Conn
	unheard atomic.Bool // it was answered before all was read
	lasting atomic.Bool // its answer takes as long as it takes, if only it is read
	spoke   atomic.Bool // something was read
}

func (c *caller) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	return n, err
}

// Write says nothing to who has asked nothing: a connection that was only opened,
// by a pool or a health check, is closed in silence when it has waited too long.
func (c *caller) Write(b []byte) (int, error) {
	if !c.spoke.Load() {
		return len(b), nil
	}
	if c.lasting.Load() {
		if err := c.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

// How long, in time and bytes, an answered caller is heard out.
const (
	hearingTime = 5 * time.Second
	hearingSize = 16 << 20
)

// Close hangs up. On a caller that is still sending, it would throw away the
// answer with what was not read (RFC 9112 §9.6): hence it first only stops
// talking, and reads until the caller, who has the answer by then, hangs up.
func (c *caller) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.unheard.Load() && half.CloseWrite() == nil {
		_ = c.SetReadDeadline(time.Now().Add(hearingTime))
		_, _ = io.CopyN(io.Discard, c.Conn, hearingSize)
	}
	return c.Conn.Close()
}

// hearOut lets the caller finish sending what was refused unread.
func hearOut(c *fiber.Ctx) {
	if conn, ok := c.Context().Conn().(*caller); ok {
		conn.unheard.Store(true)
	}
}

// lasting lets an answer be streamed beyond writePatience: each piece of it has so
// long to be taken, instead of the whole.
func lasting(c *fiber.Ctx) {
	if conn, ok := c.Context().Conn().(*caller); ok {
		conn.lasting.Store(true)
	}
}

// knownMethods is for methods that Fiber does not know, and would answer in plain
// text: as one that no route takes, they meet our 405.
func knownMethods(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			ctx.Request.Header.SetMethod(fiber.MethodTrace)
		}
		next(ctx)
	}
}
