// Package mail sends letters through a mail server, never in the clear. It must
// never know what a letter is about, and what it says of one that failed holds no
// address: such words are kept.
package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// Letter is one to one person, in two forms that say the same.
type Letter struct {
	To       string // an address
	Name     string // whom it is from, for the reader; empty: as configured
	Subject  string
	Text     string
	HTML     string
	Language string // BCP 47
}

// Server is a mail server and who writes through it.
type Server struct {
	host, user, password string
	port                 int
	wrapped              bool // TLS from the first byte
	from                 mail.Address
	domain               string // of from

	Roots    *x509.CertPool // whom to trust; nil for those of the system
	Patience time.Duration  // for a letter. Default 20 s
}

// ParseServer reads smtp://user:password@host:587, where STARTTLS is demanded, or
// smtps://, which is TLS from the beginning; and "Name <address>" or the address
// alone. User and password may be left out. Errors show no password.
func ParseServer(address, from string) (*Server, error) {
	at, err := url.Parse(address)
	if err != nil || at.Hostname() == "" || at.Path != "" || at.RawQuery != "" || at.Fragment != "" || at.Scheme != "smtp" && at.Scheme != "smtps" {
		return nil, ErrServer
	}
	s := &Server{host: at.Hostname(), user: at.User.Username(), port: 587, wrapped: at.Scheme == "smtps", Patience: 20 * time.Second}
	s.password, _ = at.User.Password()
	if s.wrapped {
		s.port = 465
	}
	if at.Port() != "" {
		if s.port, err = strconv.Atoi(at.Port()); err != nil || s.port < 1 || s.port > 65535 {
			return nil, ErrServer
		}
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, ErrSender
	}
	s.from = *sender
	s.domain = sender.Address[strings.LastIndexByte(sender.Address, '@')+1:]
	return s, nil
}

// What is wrong with settings.
var (
	ErrServer = errors.New("must look like smtp://user:password@mail.example.com:587 or smtps://…, with special characters in the password percent-encoded")
	ErrSender = errors.New("must look like cards@example.com or Cards <cards@example.com>")
)

// RefusedError is what Send answers where the server will not take the letter,
// however often it is tried.
type RefusedError struct {
	Code int // SMTP's (RFC 5321 §4.2.3), 500 to 599; 0: the letter cannot be written at all
	At   string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the mail server refused the letter: %d while %s", e.Code, e.At)
}

// Send hands a letter to the server. Errors: *RefusedError; any other may pass.
func (s *Server) Send(ctx context.Context, l *Letter) error {
	letter, err := s.compose(l)
	if err != nil {
		return err
	}
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil { // nobody's address was told yet
		return fmt.Errorf("mail: reach the server: %w", err)
	}
	err = client.Send(letter)
	client.Close() // the letter is there, or it is not: a bad farewell does not change that
	return withoutAddress(err)
}

func (s *Server) compose(l *Letter) (*smtp.Msg, error) {
	from := s.from
	if l.Name != "" {
		from.Name = l.Name
	}
	letter := smtp.NewMsg(smtp.WithNoDefaultUserAgent())
	if letter.From(from.String()) != nil || letter.To(l.To) != nil {
		return nil, &RefusedError{At: "writing its addresses"}
	}
	letter.Subject(l.Subject)
	letter.SetDate()
	letter.SetMessageIDWithValue(rand.Text() + "@" + s.domain)
	letter.SetGenHeader(smtp.HeaderContentLang, l.Language)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday note answers
	letter.SetBodyString(smtp.TypeTextPlain, l.Text)
	letter.AddAlternativeString(smtp.TypeTextHTML, l.HTML)
	return letter, nil
}

func (s *Server) client() (*smtp.Client, error) {
	trust := &tls.Config{ServerName: s.host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	options := []smtp.Option{smtp.WithHELO(s.domain), smtp.WithTimeout(s.Patience), smtp.WithTLSPolicy(smtp.TLSMandatory), smtp.WithTLSConfig(trust)}
	if s.wrapped {
		options = append(options, smtp.WithSSL())
	}
	if s.user != "" {
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.WithUsername(s.user), smtp.WithPassword(s.password))
	}
	return smtp.NewClient(s.host, append(options, smtp.WithPort(s.port))...)
}

// withoutAddress keeps of an error what it failed with, and leaves out what the
// server said: it likes to repeat whom the letter is to.
func withoutAddress(err error) error {
	var failed *smtp.SendError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failed):
		return errors.New("mail: the connection broke while the letter was sent")
	case failed.ErrorCode() >= 500:
		return &RefusedError{Code: failed.ErrorCode(), At: failed.Reason.String()}
	}
	return fmt.Errorf("mail: the server answered %d while %s", failed.ErrorCode(), failed.Reason)
}
