package webhooks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"stempel/internal/loyalty"
	"stempel/internal/seal"
)

// ring is a keyring of one key.
type ring struct{}

func (ring) Current(time.Time) (string, []byte) {
	return "w01", []byte("32 bytes that seal in these test")
}

func (r ring) Find(kid string) ([]byte, bool) {
	_, key := r.Current(time.Time{})
	return key, kid == "w01"
}

var private = Network{Private: true}

// hook is a webhook with a secret, and the secret.
func hook(url string) (*loyalty.Webhook, string) {
	w := &loyalty.Webhook{ID: loyalty.NewID(), URL: url, Kinds: loyalty.AllKinds}
	text, sealed := NewSecrets(ring{}).New(w.ID, time.Now())
	w.Secret = sealed
	return w, text
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// The library of the specification accepts what is sent, under the secret before
// too while the two overlap, and nothing else.
func TestSignatures(t *testing.T) {
	t.Parallel()
	var header http.Header
	var body []byte
	w, first := hook(serve(t, func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	now := time.Now()
	secrets := NewSecrets(ring{})
	sender := NewSender(secrets, private)
	accepted := func(at time.Time) (by []string) {
		t.Helper()
		if outcome := sender.Send(t.Context(), w, "entry_1", at, []byte(`{"a":1}`)); outcome != (Outcome{Status: 200}) {
			t.Fatalf("%+v", outcome)
		}
		if header.Get("Content-Type") != "application/json" || header.Get("webhook-id") != "entry_1" || string(body) != `{"a":1}` {
			t.Errorf("%v %s", header, body)
		}
		stranger, _ := secrets.New(w.ID, at)
		for name, secret := range map[string]string{"first": first, "stranger": stranger} {
			library, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if library.Verify(body, header) == nil {
				by = append(by, name)
			}
			if library.Verify(append(body, ' '), header) == nil {
				t.Error("another body is accepted")
			}
		}
		return by
	}
	if by := accepted(now); len(by) != 1 || by[0] != "first" {
		t.Errorf("accepted by %v", by)
	}
	_, sealed := secrets.New(w.ID, now)
	w.Previous, w.PreviousUntil, w.Secret = w.Secret, now.Add(time.Minute), sealed
	if by := accepted(now); len(by) != 1 || len(strings.Fields(header.Get("webhook-signature"))) != 2 {
		t.Errorf("while they overlap: accepted by %v, %s", by, header.Get("webhook-signature"))
	}
	if by := accepted(now.Add(time.Minute)); len(by) != 0 || len(strings.Fields(header.Get("webhook-signature"))) != 1 {
		t.Errorf("afterwards: accepted by %v, %s", by, header.Get("webhook-signature"))
	}
}

// A sealed secret opens for its own webhook alone.
func TestSecretsAreBound(t *testing.T) {
	t.Parallel()
	w, text := hook("")
	secrets := NewSecrets(ring{})
	opened, err := secrets.open(w.ID, w.Secret)
	if err != nil || opened.Text() != text || len(opened) != 32 {
		t.Errorf("%s, %v", opened.Text(), err)
	}
	if _, err := secrets.open(loyalty.NewID(), w.Secret); err != seal.ErrForeign {
		t.Errorf("another webhook's: %v", err)
	}
	w.Secret[2] ^= 1
	if outcome := NewSender(secrets, private).Send(t.Context(), w, "x", time.Now(), nil); outcome.Taken() || !strings.Contains(outcome.Problem, "Rotate") {
		t.Errorf("%+v", outcome)
	}
}

// two is a keyring of which the second key is in use.
type two struct{ ring }

func (two) Current(time.Time) (string, []byte) {
	return "w02", []byte("another 32 bytes that seal later")
}

func (r two) Find(kid string) ([]byte, bool) {
	if _, key := r.Current(time.Time{}); kid == "w02" {
		return key, true
	}
	return r.ring.Find(kid)
}

// later is two when the first key was retired.
type later struct{ two }

func (r later) Find(kid string) ([]byte, bool) {
	key, ok := r.two.Find(kid)
	return key, ok && kid == "w02"
}

// Sealed anew, secrets stay what they were when the old key ends.
func TestResealSecrets(t *testing.T) {
	t.Parallel()
	w, text := hook("")
	now := time.Now()
	newer, sealed := NewSecrets(ring{}).New(w.ID, now)
	w.Previous, w.PreviousUntil, w.Secret = w.Secret, now.Add(time.Minute), sealed
	lost := *w
	for i, want := range []bool{true, false} {
		if changed, err := NewSecrets(two{}).Reseal(w, now); err != nil || changed != want {
			t.Errorf("time %d: %v, %v", i, changed, err)
		}
	}
	secrets, err := NewSecrets(later{}).of(w, now)
	if err != nil || len(secrets) != 2 || secrets[0].Text() != newer || secrets[1].Text() != text {
		t.Errorf("%d secrets, %v", len(secrets), err)
	}
	if changed, err := NewSecrets(later{}).Reseal(&lost, now); err != seal.ErrKeyGone || changed {
		t.Errorf("too late: %v, %v", changed, err)
	}
	over := lost
	if changed, err := NewSecrets(two{}).Reseal(&over, now.Add(time.Minute)); err != nil || !changed || over.Previous != nil || !over.PreviousUntil.IsZero() {
		t.Errorf("the secret before is over: %+v, %v", over, err)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	reached := false
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	answer := func(status int) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(status)
		})
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, test := range map[string]struct {
		url    string
		status int
		says   string
	}{
		"taken":          {answer(204), 204, ""},
		"refused":        {answer(400), 400, "answered 400"},
		"broken":         {answer(503), 503, "answered 503"},
		"redirect":       {answer(302), 302, "Redirects are not followed"},
		"redirect POST":  {answer(307), 307, "Redirects are not followed"},
		"nobody":         {closed.URL, 0, "could not be reached"},
		"breaks off":     {serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), 0, "broke the connection off"},
		"no HTTP":        {strings.Replace(closed.URL, "http:", "gopher:", 1), 0, "could not be reached"},
		"no such host":   {"http://nowhere.invalid", 0, "no such host"},
		"endless answer": {serve(t, func(w http.ResponseWriter, r *http.Request) { flood(w, r.Context()) }), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := hook(test.url)
			outcome := NewSender(NewSecrets(ring{}), private).Send(t.Context(), w, "x", time.Now(), []byte("{}"))
			if outcome.Status != test.status || outcome.Taken() != (test.says == "") || !strings.Contains(outcome.Problem, test.says) {
				t.Errorf("%+v", outcome)
			}
		})
	}
	if reached {
		t.Error("a redirect was followed")
	}
}

// flood answers until the other side has enough.
func flood(w io.Writer, ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := w.Write(make([]byte, 32<<10)); err != nil {
			return
		}
	}
}

// A server that never answers costs its own patience.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	w, _ := hook(serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see who leaves
		close(asked)
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }() // as its time-out does
	if outcome := NewSender(NewSecrets(ring{}), private).Send(ctx, w, "x", time.Now(), []byte("{}")); outcome.Taken() || outcome.Status != 0 {
		t.Errorf("%+v", outcome)
	}
	if says := explain(context.DeadlineExceeded); !strings.Contains(says, "10 seconds") {
		t.Error(says)
	}
}

// A name that turns into an address of ours is refused when connecting, whatever
// it was before, over TLS too.
func TestNamesOfThisMachine(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	server.StartTLS()
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, address := range []string{"127.0.0.1", "169.254.169.254", "10.0.0.1", "0.0.0.0"} {
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		sender := NewSender(NewSecrets(ring{}), Network{
			Resolver: resolvesTo(t, address), TLS: &tls.Config{RootCAs: roots, ServerName: "example.com"},
		})
		w, _ := hook("https://rebound.example.com:" + port + "/x")
		if err := CheckURL(w.URL, false); err != nil {
			t.Fatal(err)
		}
		outcome := sender.Send(t.Context(), w, "x", time.Now(), []byte("{}"))
		if outcome.Taken() || !strings.Contains(outcome.Problem, "not a public one") {
			t.Errorf("%s: %+v", address, outcome)
		}
	}
	w, _ := hook("https://metadata.example.com/x") // not even where private addresses are allowed
	sender := NewSender(NewSecrets(ring{}), Network{Private: true, Resolver: resolvesTo(t, "169.254.169.254")})
	if outcome := sender.Send(t.Context(), w, "x", time.Now(), nil); !strings.Contains(outcome.Problem, "not a public one") {
		t.Errorf("link-local: %+v", outcome)
	}
	w, _ = hook(server.URL)
	if outcome := NewSender(NewSecrets(ring{}), Network{}).Send(t.Context(), w, "x", time.Now(), nil); !strings.Contains(outcome.Problem, "not a public one") {
		t.Errorf("by its number: %+v", outcome)
	}
}

// resolvesTo is a resolver that gives every name this IPv4 address: a DNS server
// (RFC 1035) on a socket of its own.
func resolvesTo(t *testing.T, address string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		for query := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(dnsAnswer(query[:n], net.ParseIP(address).To4()), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func dnsAnswer(query, address []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	question := query[12 : end+5]
	answer := append([]byte{}, query[:2]...)
	answer = append(answer, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	answer = append(answer, question...)
	if binary.BigEndian.Uint16(question[len(question)-4:]) == 1 { // type A
		answer[7] = 1
		answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		answer = append(answer, address...)
	}
	return answer
}
