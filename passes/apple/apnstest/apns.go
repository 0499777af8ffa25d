// Package apnstest is Apple's push service on this machine, as strict as the real
// one about what a push for a pass must look like.
package apnstest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Server is a push service that takes pushes for one topic.
type Server struct {
	URL   string
	Roots *x509.CertPool // whom to trust for it

	topic  string
	server *httptest.Server

	mu          sync.Mutex
	pushed      map[string]int // per token
	away        bool
	answers     map[string][]Answer
	connections map[string]bool
	wrong       []string
}

// Answer is one that a token's next push gets, instead of 200.
type Answer struct {
	Status     int
	Reason     string
	RetryAfter string
}

// What Apple answers at times.
var (
	Unregistered = Answer{Status: http.StatusGone, Reason: "Unregistered"}
	TooMany      = Answer{Status: http.StatusTooManyRequests, Reason: "TooManyRequests"}
	Shutdown     = Answer{Status: http.StatusServiceUnavailable, Reason: "Shutdown"}
)

// Start starts a service for a topic, which is what the UID of a client's
// certificate must say. Clients' certificates must be signed by one of clients.
// Stop it with Close.
func Start(topic string, clients *x509.CertPool) *Server {
	s := &Server{topic: topic, pushed: map[string]int{}, answers: map[string][]Answer{}, connections: map[string]bool{}}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.push))
	s.server.EnableHTTP2 = true
	s.server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, NextProtos: []string{"h2"}}
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients without a certificate are meant to fail
	s.server.StartTLS()
	s.URL, s.Roots = s.server.URL, x509.NewCertPool()
	s.Roots.AddCert(s.server.Certificate())
	return s
}

// RootPEM is Roots for another process, as SSL_CERT_FILE takes it.
func (s *Server) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})
}

// Close ends the service.
func (s *Server) Close() { s.server.Close() }

// Answer says what the next pushes to a token get, one after the other; then 200.
func (s *Server) Answer(token string, answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[token] = append(s.answers[token], answers...)
}

// Pushed is how many pushes to a token were taken.
func (s *Server) Pushed(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pushed[token]
}

// Away says whether every push is answered that the service is shut down, from now on.
func (s *Server) Away(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = is
}

// Total is how many pushes were taken.
func (s *Server) Total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, count := range s.pushed {
		n += count
	}
	return n
}

// Connections is how many connections pushes came over.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.connections)
}

// Wrong are the pushes that Apple would not have understood.
func (s *Server) Wrong() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

func (s *Server) push(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4097)) // 4 KiB is the most that Apple takes
	if err != nil {
		return // whoever pushed is gone, in the middle of it: it is no push
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections[r.RemoteAddr] = true
	token, isPush := strings.CutPrefix(r.URL.Path, "/3/device/")
	answer := Answer{Status: http.StatusOK}
	switch raw, noHex := hex.DecodeString(token); {
	case r.ProtoMajor != 2:
		answer = Answer{Status: http.StatusUpgradeRequired, Reason: "HTTP/2 is wanted"}
	case !isPush || r.URL.RawQuery != "":
		answer = Answer{Status: http.StatusNotFound, Reason: "BadPath"}
	case r.Method != http.MethodPost:
		answer = Answer{Status: http.StatusMethodNotAllowed, Reason: "MethodNotAllowed"}
	case noHex != nil || len(raw) < 16:
		answer = Answer{Status: http.StatusBadRequest, Reason: "BadDeviceToken"}
	case r.Header.Get("apns-topic") != s.topic:
		answer = Answer{Status: http.StatusBadRequest, Reason: "BadTopic"}
	case !isFor(r.TLS.PeerCertificates[0], s.topic):
		answer = Answer{Status: http.StatusForbidden, Reason: "BadCertificate"}
	case string(body) != "{}":
		answer = Answer{Status: http.StatusBadRequest, Reason: "PayloadEmpty"}
	}
	if answer.Status != http.StatusOK {
		s.wrong = append(s.wrong, fmt.Sprintf("%s %s: %s", r.Method, r.URL.Path, answer.Reason))
	} else if queued := s.answers[token]; len(queued) > 0 {
		answer, s.answers[token] = queued[0], queued[1:]
	}
	if answer.Status == http.StatusOK && s.away {
		answer = Shutdown
		answer.RetryAfter = "1"
	}
	if answer.Status == http.StatusOK {
		s.pushed[token]++
		return
	}
	if answer.RetryAfter != "" {
		w.Header().Set("Retry-After", answer.RetryAfter)
	}
	w.WriteHeader(answer.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"reason": answer.Reason})
}

// isFor reports whether a certificate's UID (RFC 4519 §2.39) is the topic.
func isFor(c *x509.Certificate, topic string) bool {
	for _, name := range c.Subject.Names {
		if name.Type.String() == "0.9.2342.19200300.100.1.1" {
			return name.Value == topic
		}
	}
	return false
}
