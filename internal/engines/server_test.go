package engines_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"stempel/internal/engines/enginetest"
)

func TestPostgresKeepsCommittedRows(t *testing.T) {
	t.Parallel()
	p := enginetest.PrivatePostgres(t)
	query(t, p.URL(), "CREATE TABLE kept AS SELECT 42 AS n")

	first := p.PID()
	if err := p.Restart(t.Context()); err != nil {
		t.Fatalf("restart of a running server: %v", err)
	}
	if p.PID() == first {
		t.Error("the server was not restarted")
	}
	p.Kill()
	if p.PID() != 0 || query(t, p.URL(), "SELECT 1") != nil {
		t.Error("the server still answers after Kill")
	}
	if err := p.Restart(t.Context()); err != nil {
		t.Fatalf("restart of a killed server: %v", err)
	}
	if n := query(t, p.URL(), "SELECT n FROM kept"); n != int32(42) {
		t.Errorf("after a crash recovery the row holds %v, want 42", n)
	}
}

func TestRedisComesBackEmpty(t *testing.T) {
	t.Parallel()
	r := enginetest.PrivateRedis(t)
	options, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	r.Kill()
	if client.Ping(t.Context()).Err() == nil {
		t.Error("the server still answers after Kill")
	}
	if err := r.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := client.DBSize(t.Context()).Result(); n != 0 || err != nil {
		t.Errorf("after a restart there are %d keys (%v), want none", n, err)
	}
}

// A server is reached on loopback only, and not without its password.
func TestServersArePrivate(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]string{
		"PostgreSQL": enginetest.PrivatePostgres(t).URL(),
		"Redis":      enginetest.PrivateRedis(t).URL(),
	} {
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		if u.Hostname() != "127.0.0.1" {
			t.Errorf("%s listens on %s", name, u.Hostname())
		}
		if password, _ := u.User.Password(); len(password) < 20 {
			t.Errorf("%s has the password %q", name, password)
		}
		// Another address of the loopback network is one it must not listen on.
		if conn, err := net.Dial("tcp4", "127.0.0.2:"+u.Port()); err == nil {
			conn.Close()
			t.Errorf("%s listens on more than 127.0.0.1", name)
		}
	}
}

func TestStopLeavesNothing(t *testing.T) {
	// Servers run as another user, who must be able to pass through the folder.
	temp, err := os.MkdirTemp("", "engines-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)

	r := enginetest.PrivateRedis(t)
	p := enginetest.PrivatePostgres(t)
	if folders := glob(t, temp); len(folders) != 2 {
		t.Errorf("two servers use the folders %q", folders)
	}
	p.Kill()
	p.Stop()
	r.Stop()
	r.Stop()
	if folders := glob(t, temp); len(folders) != 0 {
		t.Errorf("left behind: %q", folders)
	}
	if err := r.Restart(t.Context()); err == nil {
		t.Error("a stopped server was restarted without its folder")
	}
}

func TestStartIsBoundByItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := enginetest.PrivateRedis(t)
	r.Kill()
	if err := r.Restart(ctx); err == nil {
		t.Error("restarted although the caller had given up")
	}
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// query returns the first value of the first row, nil when there is none or the
// server does not answer.
func query(t *testing.T, server, sql string) any {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		return nil
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil
	}
	values, err := rows.Values()
	if err != nil {
		t.Fatal(err)
	}
	return values[0]
}
