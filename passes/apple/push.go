package apple

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// PushHost is Apple's push service. There is no sandbox for passes.
const PushHost = "https://api.push.apple.com"

// Outcome is what became of a push.
type Outcome struct {
	Result Result
	Reason string        // of Apple's, or of the connection; for logs
	Wait   time.Duration // before the next try, where Apple said so; else 0
}

// Result is what is to be done about a push.
type Result int

// The results of a push.
const (
	Delivered Result = iota // Apple took it
	Gone                    // the phone has removed the pass: delete its registration
	Later                   // try again: Apple is busy, or not to be reached
	Refused                 // no try will help: the token, topic or certificate is wrong
)

var resultNames = [...]string{"delivered", "gone", "later", "refused"}

func (r Result) String() string { return resultNames[r] }

// Results lists them all, for metrics.
func Results() []Result { return []Result{Delivered, Gone, Later, Refused} }

// Pusher tells phones over Apple's push service to fetch a pass anew. One
// connection carries all pushes (HTTP/2), and is kept. It is safe for use by many
// at once.
type Pusher struct {
	host    string
	topic   string
	http    *http.Client
	answers [len(resultNames)]atomic.Int64
}

// Limits of a push.
const (
	pushPatience   = 10 * time.Second // for one push, connecting included
	idleConnection = 10 * time.Minute
	pingAfter      = 30 * time.Second
	maxPushAnswer  = 4 << 10 // bytes
	maxPushToken   = 200     // characters
)

// NewPusher makes a pusher that proves itself with the identity's certificate.
// roots are whom it trusts; nil for those of the system.
func NewPusher(id *Identity, host string, roots *x509.CertPool) *Pusher {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, RootCAs: roots,
			Certificates: []tls.Certificate{{
				Certificate: [][]byte{id.leaf.Raw, id.intermediate.Raw}, PrivateKey: id.key, Leaf: id.leaf,
			}},
		},
		Protocols:       new(http.Protocols),
		Proxy:           http.ProxyFromEnvironment,
		IdleConnTimeout: idleConnection,
		HTTP2:           &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pushPatience}, // a dead connection is noticed
		MaxConnsPerHost: 1,
	}
	transport.Protocols.SetHTTP2(true)
	return &Pusher{
		host: strings.TrimSuffix(host, "/"), topic: id.Type,
		http: &http.Client{Transport: transport, Timeout: pushPatience},
	}
}

// Push tells one phone, by the push token of its registration. It does not try
// again by itself: that is for whoever runs it.
func (p *Pusher) Push(ctx context.Context, token string) Outcome {
	o := p.push(ctx, token)
	p.answers[o.Result].Add(1)
	return o
}

// Answers is how many pushes ended so.
func (p *Pusher) Answers(r Result) int64 { return p.answers[r].Load() }

func (p *Pusher) push(ctx context.Context, token string) Outcome {
	if !IsPushToken(token) {
		return Outcome{Result: Gone, Reason: "not a push token"}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.host+"/3/device/"+token, strings.NewReader("{}"))
	if err != nil {
		return Outcome{Result: Refused, Reason: err.Error()}
	}
	request.Header.Set("apns-topic", p.topic)
	answer, err := p.http.Do(request)
	if err != nil {
		return Outcome{Result: Later, Reason: reasonOf(err)}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxPushAnswer))
	if err != nil {
		return Outcome{Result: Later, Reason: reasonOf(err)}
	}
	return outcome(answer.StatusCode, answer.Header, body)
}

// outcome reads an answer (Apple's page "Handling notification responses from
// APNs").
func outcome(status int, header http.Header, body []byte) Outcome {
	var said struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(body, &said) // without a reason the status must do
	o := Outcome{Reason: fmt.Sprintf("%d %.100q", status, said.Reason)}
	switch {
	case status == http.StatusOK:
		return Outcome{Result: Delivered}
	case status == http.StatusGone, said.Reason == "BadDeviceToken", said.Reason == "DeviceTokenNotForTopic":
		o.Result = Gone
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		o.Result = Later
		if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil && seconds > 0 {
			o.Wait = min(time.Duration(seconds)*time.Second, maxPushWait)
		}
	default:
		o.Result = Refused
	}
	return o
}

const maxPushWait = time.Hour // that Apple can make us wait

// reasonOf is why there was no answer, without the address in it: it holds the
// phone's token.
func reasonOf(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}

// IsPushToken reports whether a text has the form of a push token: an even number
// of hexadecimal digits, 64 as far as anybody has seen.
func IsPushToken(text string) bool {
	if len(text) < 32 || len(text) > maxPushToken || len(text)%2 != 0 {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F')
	})
}

// LogValue tells an outcome in logs.
func (o Outcome) LogValue() slog.Value {
	return slog.GroupValue(slog.String("result", o.Result.String()), slog.String("reason", o.Reason))
}
