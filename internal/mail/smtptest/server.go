// Package smtptest is a mail server for tests. It speaks SMTP as RFC 5321 has it,
// takes nothing before STARTTLS and a log-in, and refuses letters that other mail
// servers would distrust.
package smtptest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
)

// Who may send, and as whom.
const (
	User     = "stempel"
	Password = "pass/word:@"
	From     = "cards@aurora.example"
)

// Server takes letters. Close it.
type Server struct {
	listener    net.Listener
	certificate tls.Certificate
	roots       *x509.CertPool
	serving     sync.WaitGroup

	mu      sync.Mutex
	letters []Letter
	refused []string // what was wrong with those that were not taken
	busy    int      // letters that are put off before one is taken
	unknown string   // an address that has no box
}

// Start serves on loopback.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	web := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer web.Close()
	s := &Server{listener: listener, certificate: web.TLS.Certificates[0], roots: x509.NewCertPool()}
	s.roots.AddCert(web.Certificate())
	s.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() {
				defer conn.Close()
				(&session{server: s, conn: conn}).serve()
			})
		}
	})
	return s, nil
}

// Close ends it.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.serving.Wait()
	return err
}

// URL is its address with user and password.
func (s *Server) URL() string {
	return "smtp://" + User + ":pass%2Fword%3A%40@" + s.listener.Addr().String()
}

// Roots are whom to trust to believe it.
func (s *Server) Roots() *x509.CertPool { return s.roots }

// Letters are those taken, the oldest first.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// Refused is what was wrong with letters that were not taken.
func (s *Server) Refused() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.refused...)
}

// BeBusy puts off so many letters with 451 before the next is taken.
func (s *Server) BeBusy(letters int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = letters
}

// Forget refuses an address for good, with 550.
func (s *Server) Forget(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unknown = address
}

// session is one connection.
type session struct {
	server         *Server
	conn           net.Conn
	text           *textproto.Reader
	secret, proven bool
	to             string
}

func (c *session) say(format string, args ...any) {
	fmt.Fprintf(c.conn, format+"\r\n", args...) // who does not listen will not go on, either
}

func (c *session) read() (line string, ok bool) {
	line, err := c.text.ReadLine()
	return line, err == nil
}

func (c *session) serve() {
	c.text = textproto.NewReader(bufio.NewReader(c.conn))
	c.say("220 smtp.test ESMTP")
	for {
		line, ok := c.read()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		switch {
		case verb == "QUIT":
			c.say("221 bye")
			return
		case verb == "EHLO":
			c.hello()
		case verb == "NOOP":
			c.say("250 ok")
		case verb == "RSET":
			c.to = ""
			c.say("250 ok")
		case verb == "STARTTLS" && !c.secret:
			c.say("220 go on")
			if !c.encrypt() {
				return
			}
		case verb == "AUTH" && c.secret:
			c.prove(rest)
		case !c.proven:
			c.say("530 say who you are, and not in the clear")
		case verb == "MAIL":
			c.from(rest)
		case verb == "RCPT":
			c.recipient(rest)
		case verb == "DATA" && c.to != "":
			if !c.take() {
				return
			}
		default:
			c.say("502 what?")
		}
	}
}

func (c *session) hello() {
	if c.secret {
		c.say("250-smtp.test\r\n250 AUTH PLAIN")
		return
	}
	c.say("250-smtp.test\r\n250 STARTTLS")
}

func (c *session) encrypt() bool {
	conn := tls.Server(c.conn, &tls.Config{Certificates: []tls.Certificate{c.server.certificate}})
	if conn.Handshake() != nil {
		return false
	}
	c.conn, c.secret = conn, true
	c.text = textproto.NewReader(bufio.NewReader(conn))
	return true
}

func (c *session) prove(rest string) {
	_, proof, _ := strings.Cut(rest, " ")
	if plain, err := base64.StdEncoding.DecodeString(proof); err != nil || string(plain) != "\x00"+User+"\x00"+Password {
		c.say("535 wrong")
		return
	}
	c.proven = true
	c.say("235 ok")
}

func (c *session) from(rest string) {
	if !strings.HasPrefix(rest, "FROM:<"+From+">") {
		c.server.refuse("sent as " + rest)
		c.say("553 not yours: %s", rest)
		return
	}
	c.say("250 ok")
}

func (c *session) recipient(rest string) {
	to := strings.TrimSuffix(strings.TrimPrefix(rest, "TO:<"), ">")
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	switch {
	case to == c.server.unknown:
		c.say("550 no such box: %s", to)
	case c.server.busy > 0:
		c.server.busy--
		c.say("451 later, %s", to)
	default:
		c.to = to
		c.say("250 ok")
	}
}

func (c *session) take() bool {
	c.say("354 go on")
	raw, err := c.raw()
	if err != nil {
		return false
	}
	letter, problem := parse(raw)
	if problem != "" {
		c.server.refuse(problem)
		c.say("550 %s", problem)
		return true
	}
	letter.To = c.to
	c.to = ""
	c.server.mu.Lock()
	c.server.letters = append(c.server.letters, letter)
	c.server.mu.Unlock()
	c.say("250 ok")
	return true
}

// raw is a letter as it was sent, to the line with the dot.
func (c *session) raw() (string, error) {
	var out strings.Builder
	for {
		line, err := c.text.R.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return out.String(), err
		}
		out.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (s *Server) refuse(problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, problem)
}
