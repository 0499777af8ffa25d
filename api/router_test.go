package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stempel/api/apitest"
	"stempel/api/gen"
)

func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	card := s.card.String()
	for _, path := range []string{
		"/", "/v1", "/v1/", "/v2/cards", "/v1/card", "/v1/cards/", "/v1/cards/" + card + "/", "/v1/cards//entries",
		"/v1/scans/", "/v1/scans/earn/", "//v1/scans", "/V1/scans", "/v1/Scans", "/v1/scans/redeem/x", "/v1/./scans",
		"/v1/cards/" + card + "/QR.png", "/v1/cards/" + card + "/entries/1", "/v1/%73cans", "/v1/scans%2fearn",
		"/metrics/", "/healthz/x", "/.well-known/", "/openapi.json", "/favicon.ico", "/admin", "/debug/pprof/",
		"/%00", "/%", "/\xff", "/v1/cards/" + card + "/entries;x", "/" + strings.Repeat("a/", 2000),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			answer := rawExchange(t, s.API, method+" "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer "+s.Shop.Admin+"\r\n\r\n")
			if p := answer.Problem(); p.Code != gen.ProblemCodeNotFound || p.Status != 404 || answer.Status != 404 {
				t.Errorf("%s %.60q: got %d %s", method, path, answer.Status, answer.Body)
			}
		}
	}
}

// Addresses of the contract answer other methods with 405, and say which they take.
func TestOtherMethods(t *testing.T) {
	long(t)
	t.Parallel()
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"}
	eachOperation(t, whatever, func(t *testing.T, s *site, o operation) {
		takes := methodsAt(t, s.path(o))
		for _, method := range methods {
			if slices.Contains(takes, method) {
				continue
			}
			c := s.call(t, o)
			c.Method = method
			answer := s.Do(t, c)
			if answer.Status != http.StatusMethodNotAllowed || answer.Header.Get("Allow") != strings.Join(takes, ", ") {
				t.Errorf("%s: %d, Allow %q: %s", method, answer.Status, answer.Header.Get("Allow"), answer.Body)
			}
			if method != http.MethodHead && answer.Problem().Code != gen.ProblemCodeMethodNotAllowed {
				t.Errorf("%s: %s", method, answer.Body)
			}
		}
	})
}

// methodsAt are the methods that the contract knows at an address, in the order in
// which they are told.
func methodsAt(t *testing.T, path string) []string {
	t.Helper()
	var found []string
	for _, o := range operations(t) {
		if pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(o.path, "[^/]+"); regexp.MustCompile("^" + pattern + "$").MatchString(path) {
			found = append(found, o.method)
		}
	}
	var takes []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if slices.Contains(found, method) || method == http.MethodHead && slices.Contains(found, http.MethodGet) {
			takes = append(takes, method)
		}
	}
	return takes
}

// HEAD is GET without the body.
func TestHead(t *testing.T) {
	long(t)
	t.Parallel()
	eachOperation(t, isGet, func(t *testing.T, s *site, o operation) {
		c := s.call(t, o)
		get := s.Do(t, c)
		c.Method = http.MethodHead
		head := s.Do(t, c)
		if head.Status != get.Status || len(head.Body) != 0 || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %d %s, GET %d %s", head.Status, head.Header, get.Status, get.Header)
		}
		if !guarded(o) {
			return
		}
		c.Token = ""
		if refused := s.Do(t, c); refused.Status != http.StatusUnauthorized || len(refused.Body) != 0 {
			t.Errorf("HEAD without a key: %d %q", refused.Status, refused.Body)
		}
	})
}

// Every answer about somebody is for the asker alone.
func TestNothingIsCached(t *testing.T) {
	long(t)
	t.Parallel()
	eachOperation(t, guarded, func(t *testing.T, s *site, o operation) {
		c := s.call(t, o)
		for _, token := range []string{c.Token, ""} {
			c.Token = token
			answer := s.Do(t, c)
			if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d: %v", answer.Status, answer.Header)
			}
		}
	})
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for id, taken := range map[string]bool{
		"4f9c1f0d8a6e4b7c": true, "a-b_c.D9": true, strings.Repeat("x", 64): true,
		strings.Repeat("x", 65): false, "two words": false, "<script>": false, "a;b": false, "ü": false, "": false,
	} {
		answer := a.Do(t, apitest.Call{Method: http.MethodGet, Path: "/v1/nothing", Header: map[string]string{"X-Request-Id": id}})
		got := answer.Header.Get("X-Request-Id")
		if (got == id) != taken || got == "" || answer.Problem().RequestID != got {
			t.Errorf("%q became %q", id, got)
		}
	}
}
