package api_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"stempel/api/apitest"
	app "stempel/scanner/till"
)

func TestTillFiles(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	get := func(path, tag string) (int, http.Header, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("If-None-Match", tag)
		return visit(t, request)
	}
	for path, mediaType := range map[string]string{
		"/till": "text/html; charset=utf-8", "/till/app.js": "text/javascript; charset=utf-8", "/till/words/pl.json": "application/json",
		"/till/read/camera.js": "text/javascript; charset=utf-8", "/till/zxing/zxing_reader.wasm": "application/wasm",
		"/till/manifest.webmanifest": "application/manifest+json", "/till/worker.js": "text/javascript; charset=utf-8",
	} {
		status, head, body := get(path, "")
		if status != http.StatusOK || head.Get("Content-Type") != mediaType || body == "" {
			t.Errorf("%s: %d %s, %d bytes", path, status, head.Get("Content-Type"), len(body))
		}
		if head.Get("Content-Security-Policy") != app.Policy || head.Get("Permissions-Policy") != app.Permissions || head.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", path, head)
		}
		if status, _, body := get(path, head.Get("ETag")); status != http.StatusNotModified || body != "" {
			t.Errorf("%s, kept: %d", path, status)
		}
	}
	tags := map[string]string{}
	for accepted, coding := range map[string]string{"gzip, br": "gzip", "br": "", "identity": "", "gzip;q=0": ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/till/zxing/zxing_reader.wasm", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accepted) // so that the client unpacks nothing
		_, head, body := visit(t, request)
		want := "\x00asm"
		if coding != "" {
			want = "\x1f\x8b"
		}
		if head.Get("Content-Encoding") != coding || !strings.HasPrefix(body, want) || head.Get("Vary") != "Accept-Encoding" {
			t.Errorf("to who reads %q: %v, %q…", accepted, head, body[:4])
		}
		if was, again := tags[coding]; again && was != head.Get("ETag") || tags["gzip"] == tags[""] && len(tags) == 2 {
			t.Errorf("to who reads %q: the tag is %s, after %v", accepted, head.Get("ETag"), tags)
		}
		tags[coding] = head.Get("ETag")
	}
	for _, path := range []string{"/till/", "/till/index.html", "/till/none.js", "/till/read", "/till/..%2fembed.go"} {
		if status, _, body := get(path, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// What the worker keeps is all that the app may ask for, under one version.
func TestTillWorkerKeepsTheApp(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/till/worker.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, head, body := visit(t, request)
	if head.Get("Service-Worker-Allowed") != "/till" || !strings.HasPrefix(body, `const version = "`+app.Version()+`", files = ["/till",`) {
		t.Errorf("%v\n%.200s", head, body)
	}
	for _, name := range app.Names() {
		skipped := slices.Contains([]string{"index.html", "worker.js", "zxing/LICENSE", "zxing/LICENSE-APACHE", "zxing/NOTICE"}, name)
		if strings.Contains(body, `"/till/`+name+`"`) == skipped {
			t.Errorf("%s is kept: %v", name, !skipped)
		}
	}
}

func visit(t *testing.T, request *http.Request) (status int, head http.Header, body string) {
	t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}
