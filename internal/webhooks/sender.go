package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"stempel/internal/loyalty"
)

// Limits of a delivery.
const (
	Patience  = 10 * time.Second // for all of it
	maxAnswer = 64 << 10         // bytes of an answer's body that are read, and dropped
	maxHeader = 16 << 10         // bytes of its head
)

// Sender makes single deliveries to addresses that strangers have chosen. It
// connects to public addresses only, looking at what a name has resolved to at
// the moment of connecting; it follows no redirect and uses no proxy; and nothing
// of an answer but its status is kept.
type Sender struct {
	secrets *Secrets
	client  *http.Client
}

// Network is where deliveries may go.
type Network struct {
	Private  bool          // also to this machine and its network, but for link-local addresses: for tests and demos
	Resolver *net.Resolver // nil: the system's
	TLS      *tls.Config   // nil: the system's trust
}

// NewSender makes deliveries that are signed with these secrets.
func NewSender(secrets *Secrets, network Network) *Sender {
	dialer := &net.Dialer{Timeout: Patience, Resolver: network.Resolver, Control: only(isPublic)}
	if network.Private {
		dialer.Control = only(isNearby)
	}
	return &Sender{secrets: secrets, client: &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        network.TLS,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    Patience,
			MaxIdleConnsPerHost:    perWebhook,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Outcome is what became of one delivery.
type Outcome struct {
	Status  int    // HTTP status; 0 without an answer
	Problem string // a sentence for the merchant; empty when it was taken
}

// Taken reports whether the merchant's server has the event.
func (o Outcome) Taken() bool { return o.Problem == "" }

// Send makes one delivery. Its id is the same for every attempt at an event, so
// that receivers can drop repetitions.
func (s *Sender) Send(ctx context.Context, w *loyalty.Webhook, id string, now time.Time, body []byte) Outcome {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	secrets, err := s.secrets.of(w, now)
	if err != nil {
		return Outcome{Problem: "The signing secret cannot be used any more. Rotate it."}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return Outcome{Problem: "The address cannot be used."}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Stempel-Webhooks/1")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", timestamp(now))
	request.Header.Set("webhook-signature", signature(id, now, body, secrets))
	response, err := s.client.Do(request)
	if err != nil {
		return Outcome{Problem: explain(err)}
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // so that the connection can be used again
	return judge(response.StatusCode)
}

// Close ends idle connections.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

func judge(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Outcome{Status: status}
	case status >= 300 && status < 400:
		return Outcome{status, fmt.Sprintf("The server answered %d. Redirects are not followed: change the address of the webhook.", status)}
	}
	return Outcome{status, fmt.Sprintf("The server answered %d.", status)}
}

// explain tells the merchant why there was no answer, and nothing of our network.
func explain(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case errors.Is(err, errPrivate):
		return "The host's address is not a public one."
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "The server did not answer within 10 seconds."
	case errors.As(err, &name):
		return "There is no such host."
	case errors.As(err, &certificate):
		return "The server's certificate is not valid."
	}
	return "The server could not be reached, or broke the connection off."
}
