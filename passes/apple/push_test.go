package apple

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stempel/passes/apple/apnstest"
)

const pushToken = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"

func startAPNs(t *testing.T, topic string) *apnstest.Server {
	t.Helper()
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(rootOf(t, chain()))
	s := apnstest.Start(topic, clients)
	t.Cleanup(s.Close)
	return s
}

// Apple's answers become what is to be done.
func TestPushOutcomes(t *testing.T) {
	t.Parallel()
	s := startAPNs(t, TestType)
	p := NewPusher(testIdentity(t), s.URL, s.Roots)
	busy := apnstest.TooMany
	busy.RetryAfter = "7"
	s.Answer(pushToken, apnstest.Unregistered, busy, apnstest.Shutdown, apnstest.Answer{Status: 403, Reason: "BadCertificate"},
		apnstest.Answer{Status: 400, Reason: "BadDeviceToken"}, apnstest.Answer{Status: 429, RetryAfter: "999999999"})
	for i, want := range []Outcome{
		{Result: Gone},
		{Result: Later, Wait: 7 * time.Second},
		{Result: Later},
		{Result: Refused},
		{Result: Gone},
		{Result: Later, Wait: time.Hour},
		{Result: Delivered},
	} {
		got := p.Push(t.Context(), pushToken)
		if got.Result != want.Result || got.Wait != want.Wait || (got.Reason == "") != (want.Result == Delivered) {
			t.Errorf("push %d: %+v", i, got)
		}
		if strings.Contains(got.Reason, pushToken) {
			t.Errorf("the reason shows the token: %s", got.Reason)
		}
	}
	if s.Pushed(pushToken) != 1 || len(s.Wrong()) != 0 {
		t.Errorf("%d taken, wrong %v", s.Pushed(pushToken), s.Wrong())
	}
}

// What is no token is not sent: it could be a path.
func TestPushOfNoToken(t *testing.T) {
	t.Parallel()
	s := startAPNs(t, TestType)
	p := NewPusher(testIdentity(t), s.URL, s.Roots)
	for _, token := range []string{"", "abc", pushToken + "0", "../" + pushToken, pushToken[:60] + "/..?", strings.Repeat("ab", 101)} {
		if got := p.Push(t.Context(), token); got.Result != Gone {
			t.Errorf("%q: %+v", token, got)
		}
	}
	if s.Connections() != 0 {
		t.Error("somebody was asked")
	}
}

// A hundred pushes at once share one connection.
func TestPushesShareAConnection(t *testing.T) {
	t.Parallel()
	s := startAPNs(t, TestType)
	p := NewPusher(testIdentity(t), s.URL, s.Roots)
	var pushing sync.WaitGroup
	for i := range 100 {
		pushing.Go(func() {
			if got := p.Push(t.Context(), fmt.Sprintf("%064x", i)); got.Result != Delivered {
				t.Errorf("%+v", got)
			}
		})
	}
	pushing.Wait()
	if s.Total() != 100 || s.Connections() != 1 {
		t.Errorf("%d pushes over %d connections", s.Total(), s.Connections())
	}
}

// Whoever cannot be reached, or is not whom we trust, is tried again later.
func TestPushWithoutApple(t *testing.T) {
	t.Parallel()
	s := startAPNs(t, TestType)
	down := startAPNs(t, TestType)
	down.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	id := testIdentity(t)
	for name, push := range map[string]func() Outcome{
		"stranger": func() Outcome { return NewPusher(id, s.URL, x509.NewCertPool()).Push(t.Context(), pushToken) },
		"down":     func() Outcome { return NewPusher(id, down.URL, down.Roots).Push(t.Context(), pushToken) },
		"no time":  func() Outcome { return NewPusher(id, s.URL, s.Roots).Push(ended, pushToken) },
	} {
		if got := push(); got.Result != Later || got.Reason == "" || strings.Contains(got.Reason, pushToken) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if s.Total() != 0 {
		t.Error("something was pushed")
	}
}

// The fake is as strict as Apple: it takes nothing without a certificate, nor for
// another topic.
func TestAPNsIsStrict(t *testing.T) {
	t.Parallel()
	s := startAPNs(t, "pass.com.example.other")
	if got := NewPusher(testIdentity(t), s.URL, s.Roots).Push(t.Context(), pushToken); got.Result != Refused || len(s.Wrong()) != 1 {
		t.Errorf("another topic: %+v, %v", got, s.Wrong())
	}
	bare := NewPusher(testIdentity(t), s.URL, s.Roots)
	bare.http.Transport.(*http.Transport).TLSClientConfig.Certificates = nil
	if got := bare.Push(t.Context(), pushToken); got.Result != Later {
		t.Errorf("no certificate: %+v", got)
	}
}

func FuzzPushAnswer(f *testing.F) {
	f.Add(410, "5", []byte(`{"reason":"Unregistered"}`))
	f.Add(503, "-1", []byte(`{`))
	f.Fuzz(func(t *testing.T, status int, retryAfter string, body []byte) {
		o := outcome(status, http.Header{"Retry-After": {retryAfter}}, body)
		if o.Wait < 0 || o.Wait > maxPushWait || o.Result == Delivered && status != 200 || len(o.Reason) > 1000 {
			t.Errorf("%+v", o)
		}
	})
}
