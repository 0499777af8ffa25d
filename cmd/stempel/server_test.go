package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"stempel/internal/engines/enginetest"
	"stempel/internal/keys"
)

// leaks reports goroutines that outlive a closed server, but for two of fasthttp:
// a sweeper that ends by itself when it wakes up, and the one clock of the process.
func leaks(t *testing.T) func() {
	known := []goleak.Option{
		goleak.IgnoreCurrent(),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	}
	return func() {
		t.Helper()
		goleak.VerifyNone(t, known...)
	}
}

func TestServesOnSQLite(t *testing.T) {
	defer leaks(t)()
	s := bootAt(t, in(t.TempDir()), anyPort())
	openShop(t, s).visit(t)
	closeServer(t, s)
}

func TestServesOnPostgresAndRedis(t *testing.T) {
	kept := sealed{storage{DatabaseURL: enginetest.Postgres(t)}, keys.NewMaster()}
	on := anyPort()
	on.RedisURL = enginetest.Redis(t)
	defer leaks(t)()
	s := bootAt(t, kept, on)
	openShop(t, s).visit(t)
	eventually(t, "ready, with its Redis", func() bool { // a busy machine may have kept it waiting for a second
		got := call(t, http.MethodGet, s.URL()+"/readyz", "", nil)
		return got.status == http.StatusOK && strings.Contains(got.body, `"ready"`)
	})
	closeServer(t, s)
}

// Without its Redis a server starts, credits once, and says what it lacks.
func TestServesWithoutItsRedis(t *testing.T) {
	on := anyPort()
	on.RedisURL = "redis://" + deadAddress(t)
	defer leaks(t)()
	s := bootAt(t, in(t.TempDir()), on)
	openShop(t, s).visit(t)
	if got := call(t, http.MethodGet, s.URL()+"/readyz", "", nil); got.status != http.StatusOK || !strings.Contains(got.body, `"degraded"`) {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	closeServer(t, s)
}

func TestRestartKeepsCardsAndKeys(t *testing.T) {
	folder := t.TempDir()
	s := bootAt(t, in(folder), anyPort())
	before := openShop(t, s)
	card := before.visit(t)
	unused := before.token(t, card)
	published := call(t, http.MethodGet, s.URL()+"/.well-known/jwks.json", "", nil)
	closeServer(t, s)

	s = bootAt(t, in(folder), anyPort())
	defer closeServer(t, s)
	after := shop{s.URL(), before.notes}
	if got := call(t, http.MethodGet, s.URL()+"/.well-known/jwks.json", "", nil); got != published {
		t.Errorf("keys are %s, were %s", got.body, published.body)
	}
	if got := after.stamp(t, unused); got.status != http.StatusOK {
		t.Errorf("a code of before: %d %s", got.status, got.body)
	}
	if got := after.balance(t, card); got != 2 {
		t.Errorf("balance %d, want 2", got)
	}
}

// A request whose first bytes the server has read is answered before it ends,
// with all that the answer takes: the queue, the ledger, the database.
func TestRequestsUnderWayFinish(t *testing.T) {
	defer leaks(t)()
	s := bootAt(t, in(t.TempDir()), anyPort())
	h := openShop(t, s)
	card := h.card(t)
	scan := fmt.Sprintf(`{"credential":%q,"earn":{"units":1}}`, h.token(t, card))

	conn, reader := begin(t, s.listener.Addr().String(), h.notes.TillToken, len(scan))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	stop()
	eventually(t, "new connections are refused", func() bool { return refused(s.listener.Addr().String()) })
	if _, err := conn.Write([]byte(scan)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"balance":1`) {
		t.Errorf("%d %s (%v)", response.StatusCode, body, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

// begin makes a scan whose body is still to come: the server has asked for it.
func begin(t *testing.T, address, till string, length int) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /v1/scans HTTP/1.1\r\nHost: stempel\r\nAuthorization: Bearer %s\r\nIdempotency-Key: slow\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", till, length)
	reader := bufio.NewReader(conn)
	const asked = "HTTP/1.1 100 Continue\r\n\r\n"
	got := make([]byte, len(asked))
	if _, err := io.ReadFull(reader, got); err != nil || string(got) != asked {
		t.Fatalf("%q (%v), want to be asked for the body", got, err)
	}
	return conn, reader
}

// A till keeps its connection open between scans. That does not hold up the end.
func TestIdleConnectionsAreClosed(t *testing.T) {
	defer leaks(t)()
	s := bootAt(t, in(t.TempDir()), anyPort())
	conn, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: stempel\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d (%v)", response.StatusCode, err)
	}
	closeServer(t, s)
	if _, err := reader.ReadByte(); err != io.EOF {
		t.Errorf("%v, want the connection to be closed", err)
	}
}

// Ctrl-C may come before the first connection is accepted.
func TestClosesBeforeItServes(t *testing.T) {
	defer leaks(t)()
	folder := t.TempDir()
	for range 20 {
		s := bootAt(t, in(folder), anyPort())
		closeServer(t, s)
		if !refused(s.listener.Addr().String()) {
			t.Fatal("it still listens")
		}
	}
}

func TestTakenPortTouchesNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	defer leaks(t)()
	folder := filepath.Join(t.TempDir(), "data")
	kept, on := in(folder), anyPort()
	on.Listen = taken.Addr().String()
	_, err = boot(t.Context(), &kept, &on, slog.New(slog.DiscardHandler))
	if want := "another program uses " + on.Listen; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

// A server that cannot finish starting leaves nothing behind.
func TestFailedStartClosesAll(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, kept *sealed, on *network)
		want  string
	}{
		{"the master key is lost", func(t *testing.T, kept *sealed, _ *network) {
			if err := os.Remove(filepath.Join(kept.Data, "master.key")); err != nil {
				t.Fatal(err)
			}
		}, "master.key is missing"},
		{"the database is damaged", func(t *testing.T, kept *sealed, _ *network) {
			// A log that was left beside it would mend it.
			if err := os.Remove(kept.file() + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if err := os.WriteFile(kept.file(), []byte("no database"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a database"},
		{"the guard is misnamed", func(_ *testing.T, _ *sealed, on *network) { on.RedisURL = "redis://" }, "redis URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, on := in(t.TempDir()), anyPort()
			closeServer(t, bootAt(t, kept, on))
			tt.spoil(t, &kept, &on)
			defer leaks(t)()
			on.Listen = deadAddress(t)
			_, err := boot(t.Context(), &kept, &on, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want to be told of: %s", err, tt.want)
			}
			if !refused(on.Listen) {
				t.Error("it still listens")
			}
		})
	}
}

func TestURLCanBePasted(t *testing.T) {
	tests := []struct{ ip, want string }{
		{"127.0.0.1", "http://127.0.0.1:8080"},
		{"::1", "http://[::1]:8080"},
		{"192.0.2.7", "http://192.0.2.7:8080"},
		{"0.0.0.0", "http://127.0.0.1:8080"},
		{"::", "http://127.0.0.1:8080"},
	}
	for _, tt := range tests {
		if got := urlOf(net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 8080}); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.ip, got, tt.want)
		}
	}
}

// deadAddress is one on loopback that nobody listens on.
func deadAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return l.Addr().String()
}
