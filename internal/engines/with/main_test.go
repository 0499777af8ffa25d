package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"stempel/internal/engines/enginetest"
)

const clientVariable = "WITH_TEST_CLIENT"

// The test binary is also the command that these tests run: a client of both
// engines, in TestMain because that is before any test.
func TestMain(m *testing.M) {
	if os.Getenv(clientVariable) == "" {
		os.Exit(m.Run())
	}
	if err := useEngines(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
}

func useEngines(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, os.Getenv(enginetest.DatabaseVariable))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	options, err := redis.ParseURL(os.Getenv(enginetest.RedisVariable))
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return client.Ping(ctx).Err()
}

// setenv clears what the surroundings of this test may have set, and wants no programs
// besides the engines.
func setenv(t *testing.T, database, redis, ci string) {
	t.Helper()
	wanted := readers
	t.Cleanup(func() { readers = wanted })
	readers = nil
	t.Setenv(enginetest.DatabaseVariable, database)
	t.Setenv(enginetest.RedisVariable, redis)
	t.Setenv("CI", ci)
}

func TestStartsBothEngines(t *testing.T) {
	enginetest.PrivatePostgres(t) // skips this test where there are no servers
	enginetest.PrivateRedis(t)
	setenv(t, "", "", "true")
	t.Setenv(clientVariable, "1")
	var output strings.Builder
	if code := run([]string{os.Args[0]}, nil, &output, &output); code != 0 {
		t.Errorf("exit code %d: %s", code, output.String())
	}
}

func TestUsesGivenEngines(t *testing.T) {
	setenv(t, "postgres://given/db", "redis://given/0", "true")
	var stdout, stderr strings.Builder
	script := `read line; echo "$line $TEST_DATABASE_URL $TEST_REDIS_URL"; echo aside >&2; exit 7`
	code := run([]string{"sh", "-c", script}, strings.NewReader("input\n"), &stdout, &stderr)
	if want := "input postgres://given/db redis://given/0\n"; stdout.String() != want {
		t.Errorf("the command said %q, want %q", stdout.String(), want)
	}
	if stderr.String() != "aside\n" || code != 7 {
		t.Errorf("standard error %q, exit code %d", stderr.String(), code)
	}
}

func TestLacksAnEngine(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, ci, command string
		want              int
	}{
		{"on a desk the rest counts", "", "echo ran", 0},
		{"in CI it is a failure", "true", "echo ran", 1},
		{"a failure of the command stays its own", "true", "echo ran; exit 5", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setenv(t, "postgres://given/db", "", tt.ci)
			readers = []string{"zbar-tools", "openssl"}
			t.Setenv("PATH", t.TempDir()) // none of them, nor apt-get
			var output strings.Builder
			if code := run([]string{sh, "-c", tt.command}, nil, &output, &output); code != tt.want {
				t.Errorf("exit code %d, want %d", code, tt.want)
			}
			want := "ran\n\n*** THE Redis SUITES DID NOT RUN ***\n" +
				"redis-server is not installed: apt-get install redis-server\n" +
				"\n*** THE zbar-tools SUITES DID NOT RUN ***\nzbarimg is not installed: apt-get install zbar-tools\n" +
				"\n*** THE openssl SUITES DID NOT RUN ***\nopenssl is not installed: apt-get install openssl\n"
			if output.String() != want {
				t.Errorf("said %q, want %q", output.String(), want)
			}
		})
	}
}

func TestUnknownCommand(t *testing.T) {
	setenv(t, "postgres://given/db", "redis://given/0", "")
	var stderr strings.Builder
	if code := run([]string{"/no/such/command"}, nil, io.Discard, &stderr); code != shellNotFound {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stderr.String(), "/no/such/command") {
		t.Errorf("said %q", stderr.String())
	}
}
