package googletest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"stempel/passes/google"
)

// tokenLife is how long a token opens the API, by the clock on the wall: that is
// what the client's library goes by.
const tokenLife = time.Hour

// assertion are the claims of RFC 7523 as Google wants them.
type assertion struct {
	Scope string `json:"scope"`
	jwt.RegisteredClaims
}

// token exchanges a service account's assertion for a token (RFC 7523 §2.1).
func (g *Google) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		tellToken(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	var claims assertion
	_, err := jwt.ParseWithClaims(r.PostFormValue("assertion"), &claims, func(*jwt.Token) (any, error) { return &g.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(email), jwt.WithAudience(g.TokenURL()), jwt.WithExpirationRequired())
	if err != nil {
		tellToken(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	token := "ya29." + rand.Text()
	if slices.Contains(strings.Fields(claims.Scope), google.Scope) {
		g.mu.Lock()
		g.tokens[token] = time.Now().Add(tokenLife)
		g.mu.Unlock()
	}
	tell(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds())})
}

func tellToken(w http.ResponseWriter, status int, problem string) {
	tell(w, status, map[string]string{"error": problem})
}

// authorized lets in whoever has a token with the scope, unless a test wants
// the API to fail just now.
func (g *Google) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		switch status := g.trouble(); status {
		case http.StatusOK:
		case http.StatusBadGateway: // somebody on the way has lost the answer
			next(httptest.NewRecorder(), r)
			fallthrough
		default:
			refuse(w, status, "as the test wants")
			return
		}
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if until, known := g.tokens[token]; !ok || !known || !time.Now().Before(until) {
			refuse(w, http.StatusUnauthorized, "the token is wrong, has expired, or lacks the scope "+google.Scope)
			return
		}
		next(w, r)
	}
}

// refuse answers as Google's APIs do (google.rpc.Status in JSON).
func refuse(w http.ResponseWriter, status int, message string, parts ...any) {
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "2")
	}
	tell(w, status, map[string]any{"error": map[string]any{"code": status, "message": fmt.Sprintf(message, parts...)}})
}

func tell(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // whoever asked may be gone
}
