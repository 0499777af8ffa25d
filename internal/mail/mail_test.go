package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"stempel/internal/mail"
	"stempel/internal/mail/smtptest"
)

func start(t *testing.T) (*smtptest.Server, *mail.Server) {
	t.Helper()
	server, err := smtptest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	sender, err := mail.ParseServer(server.URL(), "Cards <"+smtptest.From+">")
	if err != nil {
		t.Fatal(err)
	}
	sender.Roots = server.Roots()
	return server, sender
}

func letter() *mail.Letter {
	return &mail.Letter{
		To: "zofia@example.com", Name: `Lodziarnia "Żółta", Łódź`, Subject: "Twoja karta: „Żółta Łódź” jest tutaj, i to już od bardzo dawna", Language: "pl",
		Text: "Zażółć gęślą jaźń.\n.\n" + strings.Repeat("ș", 2000) + "\n", HTML: "<p>Zażółć gęślą jaźń</p>",
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	server, sender := start(t)
	if err := sender.Send(t.Context(), letter()); err != nil {
		t.Fatal(err, server.Refused())
	}
	sent := server.Letters()
	if len(sent) != 1 {
		t.Fatalf("%d letters came", len(sent))
	}
	got, want := sent[0], letter()
	if got.To != want.To || got.Subject != want.Subject || got.FromName != want.Name || got.HTML != want.HTML ||
		strings.ReplaceAll(got.Text, "\r\n", "\n") != want.Text || got.Header.Get("Content-Language") != "pl" || got.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("it came as %+v", got)
	}
	for _, name := range []string{"User-Agent", "X-Mailer"} {
		if got.Header.Get(name) != "" {
			t.Errorf("it tells its %s", name)
		}
	}
}

// What may pass is told apart from what will not, and neither tells the address.
func TestFailures(t *testing.T) {
	t.Parallel()
	server, sender := start(t)
	server.BeBusy(1)
	failed := func(l *mail.Letter) error {
		err := sender.Send(t.Context(), l)
		if err == nil || strings.Contains(err.Error(), "zofia") || strings.Contains(err.Error(), smtptest.Password) {
			t.Errorf("it failed with %v", err)
		}
		return err
	}
	var refused *mail.RefusedError
	if err := failed(letter()); errors.As(err, &refused) || !strings.Contains(err.Error(), "451") {
		t.Errorf("a busy server: %v", err)
	}
	server.Forget("zofia@example.com")
	if err := failed(letter()); !errors.As(err, &refused) || refused.Code != 550 {
		t.Errorf("an unknown address: %v", err)
	}
	nobody := letter()
	nobody.To = "zofia@"
	if err := failed(nobody); !errors.As(err, &refused) || refused.Code != 0 {
		t.Errorf("no address: %v", err)
	}
	sender.Roots = nil
	if err := failed(letter()); errors.As(err, &refused) {
		t.Errorf("a stranger's certificate: %v", err)
	}
	sender.Roots = server.Roots()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sender.Send(ctx, letter()); err == nil {
		t.Error("sent after its time")
	}
	server.Close()
	sender.Patience = time.Second
	if err := failed(letter()); errors.As(err, &refused) {
		t.Errorf("no server: %v", err)
	}
	if got := server.Letters(); len(got) != 0 {
		t.Errorf("%d letters were taken", len(got))
	}
}

// The address on the envelope is the server's own; whoever is configured with
// another one is told.
func TestWrongSender(t *testing.T) {
	t.Parallel()
	server, _ := start(t)
	sender, err := mail.ParseServer(server.URL(), "somebody@else.example")
	if err != nil {
		t.Fatal(err)
	}
	sender.Roots = server.Roots()
	var refused *mail.RefusedError
	if err := sender.Send(t.Context(), letter()); !errors.As(err, &refused) || refused.Code != 553 {
		t.Errorf("it failed with %v", err)
	}
}

func TestParseServer(t *testing.T) {
	t.Parallel()
	const from = "cards@aurora.example"
	for _, address := range []string{"smtp://mail.example.com", "smtps://u:p@mail.example.com", "smtp://u:p%40@mail.example.com:2525", "smtp://u@[::1]:25"} {
		if _, err := mail.ParseServer(address, from); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "mail.example.com:587", "https://mail.example.com", "smtp://", "smtp://u:p/w@mail.example.com", "smtp://m:99999", "smtp://m?tls=no", "smtp://m/x"} {
		if _, err := mail.ParseServer(address, from); !errors.Is(err, mail.ErrServer) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, sender := range []string{"", "cards", "Cards <cards>", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"} {
		if _, err := mail.ParseServer("smtp://mail.example.com", sender); !errors.Is(err, mail.ErrSender) {
			t.Errorf("%q: %v", sender, err)
		}
	}
}

func FuzzParseServer(f *testing.F) {
	f.Add("smtp://u:p@mail.example.com:587", "Cards <cards@example.com>")
	f.Add("smtps://[::1]:1", "a@b")
	f.Fuzz(func(t *testing.T, address, from string) {
		if server, err := mail.ParseServer(address, from); (server == nil) == (err == nil) {
			t.Errorf("%q, %q: %v, %v", address, from, server, err)
		}
	})
}
