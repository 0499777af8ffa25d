package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"stempel/api/apitest"
	"stempel/api/gen"
)

// dial opens a connection to the API that the test cannot hang on.
func dial(t *testing.T, a *apitest.API) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// readAnswer reads the next answer; give it a *bufio.Reader where more follow.
func readAnswer(t *testing.T, from io.Reader) *apitest.Answer {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(from), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.Close { // net/http takes the header away
		response.Header.Set("Connection", "close")
	}
	return &apitest.Answer{Status: response.StatusCode, Header: response.Header, Body: body}
}

// rawExchange sends bytes that no client would and reads the answer to them.
func rawExchange(t *testing.T, a *apitest.API, sent string) *apitest.Answer {
	t.Helper()
	conn := dial(t, a)
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, conn)
}

// What is not HTTP, or more than we take, is answered and the connection closed.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	head := "POST /v1/scans HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + a.Shop.Front.Token + "\r\nContent-Type: application/json\r\n"
	for name, tt := range map[string]struct {
		sent string
		code gen.ProblemCode
	}{
		"long address":         {"GET /" + strings.Repeat("a", 20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", gen.ProblemCodeInvalidField},
		"long header":          {head + "X: " + strings.Repeat("a", 20_000) + "\r\n\r\n", gen.ProblemCodeInvalidField},
		"many headers":         {head + strings.Repeat("X: a\r\n", 5_000) + "\r\n", gen.ProblemCodeInvalidField},
		"no version":           {"GET /healthz\r\n\r\n", gen.ProblemCodeInvalidField},
		"not HTTP":             {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", gen.ProblemCodeInvalidField},
		"header without colon": {head + "X\r\n\r\n", gen.ProblemCodeInvalidField},
		"length of letters":    {head + "Content-Length: ten\r\n\r\n", gen.ProblemCodeInvalidField},
		"negative length":      {head + "Content-Length: -1\r\n\r\n", gen.ProblemCodeInvalidField},
		"enormous length":      {head + "Content-Length: 99999999999999999999\r\n\r\n", gen.ProblemCodeInvalidField},
		"two lengths":          {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", gen.ProblemCodeInvalidField},
		"chunks of nonsense":   {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", gen.ProblemCodeInvalidField},
		"large length":         {head + "Content-Length: 262145\r\n\r\n", gen.ProblemCodeBodyTooLarge},
		"large chunks":         {head + "Transfer-Encoding: chunked\r\n\r\n50000\r\n" + strings.Repeat("a", 0x50000) + "\r\n0\r\n\r\n", gen.ProblemCodeBodyTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, a)
			if _, err := io.WriteString(conn, tt.sent); err != nil {
				t.Fatal(err)
			}
			answer := readAnswer(t, conn)
			p := answer.Problem()
			if p.Code != tt.code || answer.Status != int(p.Status) || p.RequestID == "" || answer.Header.Get("X-Request-Id") != p.RequestID ||
				answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("answered %d %v %s", answer.Status, answer.Header, answer.Body)
			}
			if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
				t.Errorf("then came %q, %v", rest, err)
			}
		})
	}
}

// A body that is far too large is refused without being read, and the client
// still gets to see why: a Go client, and one that sends all before it listens.
func TestTenMegabytes(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("a"), 10<<20)
	eachOperation(t, takesBody, func(t *testing.T, s *site, o operation) {
		c := s.call(t, o)
		c.Body = large
		s.Refused(t, c, gen.ProblemCodeBodyTooLarge)

		conn := dial(t, s.API)
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", c.Path, c.Token, len(large))
		if _, err := conn.Write(large); err != nil {
			t.Fatalf("write: %v", err)
		}
		if p := readAnswer(t, conn).Problem(); p.Code != gen.ProblemCodeBodyTooLarge {
			t.Errorf("a client that sends all first is told %+v", p)
		}
	})
}

// The largest body that is allowed is read.
func TestLargestBody(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	c := apitest.Scan(a.Shop.Front, "x", nil)
	body := fmt.Appendf(nil, `{"credential":"x"}%*s`, 256<<10-len(`{"credential":"x"}`), "")
	c.Body = body
	a.Refused(t, c, gen.ProblemCodeCredentialUnknown)
	c.Body = append(body, ' ')
	a.Refused(t, c, gen.ProblemCodeBodyTooLarge)
}

// Half a request does not hold a connection for ever.
func TestHalfRequests(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	head := "POST /v1/scans HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nAuthorization: Bearer " + a.Shop.Front.Token + "\r\n"
	waiting := map[string]net.Conn{}
	silent := dial(t, a)
	for _, half := range []string{"POST /v1", head, head + "\r\n{\"cre"} {
		waiting[half] = dial(t, a)
		if _, err := io.WriteString(waiting[half], half); err != nil {
			t.Fatal(err)
		}
	}
	if answer, err := io.ReadAll(silent); err != nil || len(answer) > 0 {
		t.Errorf("who asked nothing was told %q (%v)", answer, err)
	}
	for half, conn := range waiting {
		answer := readAnswer(t, conn)
		if p := answer.Problem(); p.Code != gen.ProblemCodeTimeout || answer.Header.Get("Retry-After") == "" {
			t.Errorf("%q: answered %d %s", half, answer.Status, answer.Body)
		}
		if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			t.Errorf("%q: then came %q, %v", half, rest, err)
		}
	}
}

// Requests of one connection know nothing of each other, however close they follow.
func TestPipelinedRequests(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	conn := dial(t, a)
	get := "GET /v1/programs HTTP/1.1\r\nHost: x\r\n"
	with := get + "Authorization: Bearer " + a.Shop.App + "\r\nX-Request-Id: mine\r\n\r\n"
	if _, err := io.WriteString(conn, with+get+"\r\n"+with+get+"Connection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for i, want := range []int{200, 401, 200, 401} {
		answer := readAnswer(t, reader)
		mine := answer.Header.Get("X-Request-Id") == "mine"
		if answer.Status != want || mine != (want == 200) || (answer.Header.Get("WWW-Authenticate") == "") != (want == 200) {
			t.Errorf("answer %d: %d %v", i, answer.Status, answer.Header)
		}
	}
}

// A client may ask whether its body is wanted before it sends it.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	a := apitest.Boot(t)
	for length, want := range map[int]gen.ProblemCode{18: gen.ProblemCodeCredentialUnknown, 1 << 20: gen.ProblemCodeBodyTooLarge} {
		conn := dial(t, a)
		fmt.Fprintf(conn, "POST /v1/scans HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", a.Shop.Front.Token, length)
		reader := bufio.NewReader(conn)
		if line, err := reader.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("%q, %v", line, err)
		}
		if _, err := reader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, `{"credential":"x"}`); err != nil {
			t.Fatal(err)
		}
		if answer := readAnswer(t, reader); answer.Problem().Code != want {
			t.Errorf("%d bytes: %d %s", length, answer.Status, answer.Body)
		}
	}
}
