package enginetest

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPostgresGivesEachTestASchema(t *testing.T) {
	server := PrivatePostgres(t).URL()
	t.Setenv(DatabaseVariable, server)
	t.Run("in use", func(t *testing.T) {
		first, second := connect(t, Postgres(t)), connect(t, Postgres(t))
		run(t, first, "CREATE TABLE same_name (n int)")
		run(t, second, "CREATE TABLE same_name (n int)")
		run(t, first, "INSERT INTO same_name VALUES (1)")
		if n := count(t, second, "SELECT count(*) FROM same_name"); n != 0 {
			t.Errorf("a test sees %d rows of another", n)
		}
	})
	left := count(t, connect(t, server), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'test%'")
	if left != 0 {
		t.Errorf("%d schemas left behind", left)
	}
}

func TestPostgresWantsAURL(t *testing.T) {
	t.Setenv(DatabaseVariable, "host=/run/postgresql dbname=x")
	if got := observe(func(t testing.TB) { Postgres(t) }); !strings.HasPrefix(got.failed, "TEST_DATABASE_URL must be a URL") {
		t.Errorf("got %+v", got)
	}
}

func TestRedis(t *testing.T) {
	t.Setenv(RedisVariable, "redis://given/0")
	if got := Redis(t); got != "redis://given/0" {
		t.Errorf("got %s", got)
	}
}

func TestWithoutEngines(t *testing.T) {
	tests := []struct {
		name string
		use  func(testing.TB)
		want string
	}{
		{"postgres", func(t testing.TB) { Postgres(t) }, "PostgreSQL suite not run: set TEST_DATABASE_URL or use make test"},
		{"redis", func(t testing.TB) { Redis(t) }, "Redis suite not run: set TEST_REDIS_URL or use make test"},
		{"private redis", func(t testing.TB) { PrivateRedis(t) }, "Redis suite not run: redis-server is not installed: apt-get install redis-server"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(DatabaseVariable, "")
			t.Setenv(RedisVariable, "")
			t.Setenv("PATH", t.TempDir())

			t.Setenv("CI", "")
			if got := observe(tt.use); got.skipped != tt.want || got.failed != "" {
				t.Errorf("on a desk: %+v", got)
			}
			t.Setenv("CI", "true")
			if got := observe(tt.use); got.failed != tt.want || got.skipped != "" {
				t.Errorf("in CI: %+v", got)
			}
		})
	}
}

// observer is a test that only notes how it was ended.
type observer struct {
	testing.TB
	skipped, failed string
}

func (o *observer) Helper()                  {}
func (o *observer) Context() context.Context { return context.Background() }
func (o *observer) Skip(args ...any)         { o.skipped = args[0].(string); runtime.Goexit() }
func (o *observer) Fatal(args ...any)        { o.failed = args[0].(string); runtime.Goexit() }

func observe(use func(testing.TB)) *observer {
	o := new(observer)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		use(o)
	}()
	<-ended
	return o
}

func connect(t *testing.T, server string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
