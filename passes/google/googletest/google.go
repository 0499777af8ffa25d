package googletest

import (
	cryptorand "crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	api "google.golang.org/api/walletobjects/v1"
)

// Issuer is whose passes the stand-in keeps.
const Issuer = "3388000000012345678"

// email of the one service account that it knows.
const email = "stempel@example.iam.gserviceaccount.com"

// Google is the stand-in, on a loopback port of its own or without one. It is safe for use by
// many.
type Google struct {
	url     string
	handler http.Handler
	server  *httptest.Server // nil: only Client reaches it
	key     *rsa.PrivateKey  // of the service account
	signer  *signer
	now     func() time.Time

	mu       sync.Mutex
	tokens   map[string]time.Time // until when they open the API
	classes  map[string]*api.LoyaltyClass
	objects  map[string]*object
	refusals []int // what the next requests are answered with, whatever they are
	chance   *rand.Rand
	oneOf    int // requests that fail by chance
	requests []Request
}

// object is a pass as Google keeps it.
type object struct {
	api.LoyaltyObject
	holders       int
	writes        int // how often it was inserted or patched
	notifications []time.Time
}

// Request is one that came in.
type Request struct {
	At           time.Time
	Method, Path string
	Status       int
}

// keySize in bits, as Google makes them.
const keySize = 2048

// accountKey is the same for all stand-ins of a process: making one takes long.
var accountKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(cryptorand.Reader, keySize)
	if err != nil {
		panic("googletest: no RSA key: " + err.Error())
	}
	return key
})

// Warm makes what takes long and is the same for all stand-ins of a process.
func Warm() { accountKey() }

// Start starts a stand-in whose clock is now. Close it after use.
func Start(now func() time.Time) *Google {
	g := New(now)
	g.server = httptest.NewServer(g.handler)
	g.url = g.server.URL
	return g
}

// New makes a stand-in that only its Client reaches, without a network: within a
// synctest bubble, time goes on while it is asked.
func New(now func() time.Time) *Google {
	g := &Google{
		url: "https://google.example",
		key: accountKey(), signer: newSigner(), now: now,
		tokens: map[string]time.Time{}, classes: map[string]*api.LoyaltyClass{}, objects: map[string]*object{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", g.token)
	mux.HandleFunc("GET /keys", g.keys)
	const base = "/walletobjects/v1/"
	mux.HandleFunc("POST "+base+"loyaltyClass", g.authorized(g.insertClass))
	mux.HandleFunc("GET "+base+"loyaltyClass/{id}", g.authorized(g.getClass))
	mux.HandleFunc("PATCH "+base+"loyaltyClass/{id}", g.authorized(g.patchClass))
	mux.HandleFunc("POST "+base+"loyaltyObject", g.authorized(g.insertObject))
	mux.HandleFunc("GET "+base+"loyaltyObject/{id}", g.authorized(g.getObject))
	mux.HandleFunc("PATCH "+base+"loyaltyObject/{id}", g.authorized(g.patchObject))
	mux.HandleFunc("POST "+base+"loyaltyObject/{id}/addMessage", g.authorized(g.addMessage))
	g.handler = g.recorded(mux)
	return g
}

// Client reaches a stand-in without a network.
func (g *Google) Client() *http.Client { return &http.Client{Transport: g} }

// RoundTrip answers a request as the stand-in does.
func (g *Google) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	g.handler.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// Close stops it.
func (g *Google) Close() { g.server.Close() }

// Endpoint is where its Wallet API is, TokenURL where it gives out tokens, and
// RootKeysURL where the keys are that its callbacks lead back to.
func (g *Google) Endpoint() string    { return g.url }
func (g *Google) TokenURL() string    { return g.url + "/token" }
func (g *Google) RootKeysURL() string { return g.url + "/keys" }

// AccountFile is the JSON file of its service account.
func (g *Google) AccountFile() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(g.key)
	if err != nil {
		panic("googletest: the key cannot be written: " + err.Error())
	}
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "example", "client_id": "1",
		"client_email": email, "private_key_id": "k1", "token_uri": g.TokenURL(),
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		panic("googletest: the account cannot be written: " + err.Error())
	}
	return file
}

// Answer makes the next requests to the API end with these statuses and have no
// effect, but for a 502, which hides one; 200 stands for an answer as it should be.
func (g *Google) Answer(statuses ...int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals = append(g.refusals, statuses...)
}

// Requests are those that came in since the last call, in order.
func (g *Google) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.requests
	g.requests = nil
	return all
}

// Class is a class as it stands, or nil.
func (g *Google) Class(id string) *api.LoyaltyClass {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.classes[id]
}

// Object is an object as it stands, or nil; it is not to be written to.
func (g *Google) Object(id string) *api.LoyaltyObject {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.objects[id]; o != nil {
		shown := o.LoyaltyObject
		return &shown
	}
	return nil
}

// Writes is how often an object was inserted or patched.
func (g *Google) Writes(id string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.objects[id]; o != nil {
		return o.writes
	}
	return 0
}

// Notifications are the moments at which phones were notified of an object.
func (g *Google) Notifications(id string) []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o := g.objects[id]; o != nil {
		return slices.Clone(o.notifications)
	}
	return nil
}

// Forget loses everything that was stored, as when an issuer's account is new.
func (g *Google) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.classes)
	clear(g.objects)
}

// recorded notes every request with its answer.
func (g *Google) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noting := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(noting, r)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.requests = append(g.requests, Request{g.now(), r.Method, r.URL.Path, noting.status})
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Put stores an object as it is, unchecked: one that another process made.
func (g *Google) Put(o *api.LoyaltyObject) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.objects[o.Id] = &object{LoyaltyObject: *o}
}
