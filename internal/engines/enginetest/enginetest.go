// Package enginetest hands PostgreSQL and Redis to tests: the servers that
// `make test` started for everyone, or private ones that a test may kill.
//
// A test whose engine is not there is skipped with the reason; in CI, where
// nothing may be passed over in silence, it fails.
package enginetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines"
)

// The variables that name the shared servers, as connection URLs.
const (
	DatabaseVariable = "TEST_DATABASE_URL"
	RedisVariable    = "TEST_REDIS_URL"
)

// Postgres returns a connection URL whose search path is a schema that is new,
// empty and the test's own, on the server that TEST_DATABASE_URL names. The
// schema is dropped when the test ends: close every connection before.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(DatabaseVariable)
	if server == "" {
		unavailable(t, "PostgreSQL suite not run: set TEST_DATABASE_URL or use make test")
	}
	u, err := url.Parse(server)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		t.Fatal("TEST_DATABASE_URL must be a URL like postgres://user:password@host/database")
	}
	schema := "test_" + strings.ToLower(rand.Text())
	execute(t, server, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { execute(t, server, "SET lock_timeout = '20s'", "DROP SCHEMA "+schema+" CASCADE") })

	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

// Redis returns the URL of the server that TEST_REDIS_URL names. Every package
// under test shares it: give each test keys of its own, never flush it.
func Redis(t testing.TB) string {
	t.Helper()
	server := os.Getenv(RedisVariable)
	if server == "" {
		unavailable(t, "Redis suite not run: set TEST_REDIS_URL or use make test")
	}
	return server
}

// PrivatePostgres starts a PostgreSQL that is the test's own to kill, restart
// and fill. It gives up durability against a crash of the machine, not against
// one of the server.
func PrivatePostgres(t testing.TB) *engines.Postgres {
	t.Helper()
	p, err := engines.StartPostgres(t.Context(), engines.Options{Fast: true})
	started(t, "PostgreSQL", err)
	t.Cleanup(p.Stop)
	return p
}

// PrivateRedis starts a Redis that is the test's own to kill, restart and flush.
func PrivateRedis(t testing.TB) *engines.Redis {
	t.Helper()
	r, err := engines.StartRedis(t.Context())
	started(t, "Redis", err)
	t.Cleanup(r.Stop)
	return r
}

// PrivateCluster starts a Redis Cluster that is the test's own to kill nodes of.
func PrivateCluster(t testing.TB, o engines.ClusterOptions) *engines.Cluster {
	t.Helper()
	c, err := engines.StartCluster(t.Context(), o)
	started(t, "Redis", err)
	t.Cleanup(c.Stop)
	return c
}

// PrivateSentinel starts a Redis master, its replica and a Sentinel.
func PrivateSentinel(t testing.TB) *engines.Sentinel {
	t.Helper()
	s, err := engines.StartSentinel(t.Context())
	started(t, "Redis", err)
	t.Cleanup(s.Stop)
	return s
}

func started(t testing.TB, name string, err error) {
	t.Helper()
	if errors.Is(err, engines.ErrMissing) {
		unavailable(t, name+" suite not run: "+err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unavailable ends the test: skipped on a desk, failed in CI.
func unavailable(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// execute runs statements in one short session.
func execute(t testing.TB, server string, statements ...string) {
	t.Helper()
	// Not the test's context: that one is done when its cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}
