package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"stempel/internal/loyalty"
)

func TestScanRequest(t *testing.T) {
	t.Parallel()
	r := newScanRequest("127.0.0.1:8080", "till_x.secret", len("first"), oneUnit)
	keys := map[string]bool{}
	for _, credential := range []string{"first", "other", "third"} {
		sent, err := r.with(credential)
		if err != nil {
			t.Fatal(err)
		}
		// A second opinion on our bytes.
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"credential":"` + credential + `","earn":{"units":1}}`; string(body) != want {
			t.Errorf("the body is %s, want %s", body, want)
		}
		if request.Method != http.MethodPost || request.URL.Path != "/v1/scans" || request.Host != "127.0.0.1:8080" ||
			request.Header.Get("Authorization") != "Bearer till_x.secret" || request.Header.Get("Content-Type") != "application/json" {
			t.Errorf("the request is %+v", request)
		}
		keys[request.Header.Get("Idempotency-Key")] = true
	}
	if len(keys) != 3 {
		t.Errorf("three requests have the keys %v", keys)
	}
	for _, wrong := range []string{"", "longer", "four"} {
		if _, err := r.with(wrong); err == nil {
			t.Errorf("%q was put where 5 characters belong", wrong)
		}
	}
}

// Each purchase is another one, under the receipt's number that the key makes.
func TestScanRequestOfAPurchase(t *testing.T) {
	t.Parallel()
	r := newScanRequest("127.0.0.1:8080", "till_x.secret", len("first"), oneTrolley)
	refs := map[string]bool{}
	for _, credential := range []string{"first", "other"} {
		sent, err := r.with(credential)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Credential string
			Earn       struct{ Purchase loyalty.Purchase }
		}
		if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		p := body.Earn.Purchase
		if body.Credential != credential || p.Ref != request.Header.Get("Idempotency-Key") || len(p.Items) != 3 || p.Total != p.Items[0].Amount+p.Items[1].Amount+p.Items[2].Amount {
			t.Errorf("sent %+v", body)
		}
		refs[p.Ref] = true
	}
	if len(refs) != 2 {
		t.Errorf("two purchases have the numbers %v", refs)
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\nDate: y\r\n\r\nhello"
	const refused = "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"
	const bare = "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}"
	stream := strings.Repeat(ok+refused+bare, 3)
	readers := map[string]io.Reader{
		"at once":      strings.NewReader(stream),
		"byte by byte": iotest.OneByteReader(strings.NewReader(stream)),
		"by halves":    iotest.HalfReader(strings.NewReader(stream)),
	}
	for name, reader := range readers {
		r := newResponses(reader)
		got := ""
		for range 9 {
			status, body, err := r.next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got += fmt.Sprint(status, string(body), " ")
		}
		if want := strings.Repeat("200hello 409 200{} ", 3); got != want {
			t.Errorf("%s: got %s", name, got)
		}
		if _, _, err := r.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: at the end: %v", name, err)
		}
	}
}

func TestResponsesThatWeDoNotKnow(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"another protocol":  "SSH-2.0-OpenSSH\r\n\r\n",
		"an older HTTP":     "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
		"no status":         "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n",
		"a longer status":   "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
		"no length":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a negative length": "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"a huge length":     "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
		"a length too long": "HTTP/1.1 200 OK\r\nContent-Length: 65530\r\n\r\n" + strings.Repeat("x", 65530),
		"an endless head":   "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", maxResponse),
		"cut in the head":   "HTTP/1.1 200 OK\r\nContent-",
		"cut in the body":   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
	} {
		if status, body, err := newResponses(strings.NewReader(text)).next(); err == nil {
			t.Errorf("%s: got status %d and %.40q", name, status, body)
		}
	}
}

// Whatever arrives, nothing breaks, and how it arrives makes no difference.
func FuzzResponses(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	f.Add("HTTP/1.1 204 \r\nX: y\r\nContent-Length: 0\r\n\r\n")
	f.Add("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		status, body, err := newResponses(strings.NewReader(text)).next()
		if err != nil {
			return
		}
		if status < 100 || status > 999 || !strings.Contains(text, string(body)) || len(body) > maxResponse {
			t.Fatalf("read status %d and a body of %d from %q", status, len(body), text)
		}
		again, _, err := newResponses(iotest.OneByteReader(strings.NewReader(text))).next()
		if err != nil || again != status {
			t.Fatalf("byte by byte: %d, %v; at once: %d", again, err, status)
		}
	})
}
