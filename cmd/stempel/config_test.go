package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"stempel/internal/keys"
	"stempel/scanner/vas/vastest"
)

// secret is what no output may ever show.
const secret = "geheim"

// someMaster is a good master key.
var someMaster = keys.NewMaster()

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := write(t, someMaster)
	tests := []struct {
		name        string
		args        []string
		environment map[string]string
		want        []string // all that is told, each by how it begins
	}{
		{"everything", []string{"serve"}, map[string]string{
			"DATABASE_URL":       "mysql://u:" + secret + "@h/x",
			"STEMPEL_MASTER_KEY": secret,
			"STEMPEL_LISTEN":     "localhost",
			"REDIS_URL":          "http://:" + secret + "@h",
			"STEMPEL_LOG_LEVEL":  "loud",
			"STEMPEL_TILL_RATE":  "many",
			"STEMPEL_KEY_RATE":   "-1",
			"STEMPEL_POSTERS":    "65",

			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:" + secret + "@h:4318",
		}, []string{
			"OTEL_EXPORTER_OTLP_ENDPOINT: must look like http://127.0.0.1:4318",
			"DATABASE_URL: must look like postgres://", "STEMPEL_MASTER_KEY: the master key must be 32 bytes",
			"STEMPEL_LISTEN: \"localhost\" must look like 127.0.0.1:8080", "STEMPEL_LOG_LEVEL: \"loud\" must be debug,",
			"REDIS_URL: redis URL: scheme \"http\" is unknown", "STEMPEL_TILL_RATE: \"many\" is not a whole number",
			"STEMPEL_KEY_RATE: -1 must lie between 0 and 1000000", "STEMPEL_POSTERS: 65 must lie between 1 and 64",
		}},
		{"by flags", []string{"serve", "--listen=:x", "--posters=0", "--till-rate=1000001", "--key-rate=1.5", "--data=" + blocked}, nil, []string{
			"STEMPEL_LISTEN: \":x\" must", "STEMPEL_TILL_RATE: 1000001 must", "STEMPEL_KEY_RATE: \"1.5\" is",
			"STEMPEL_POSTERS: 0 must", "STEMPEL_DATA: cannot make the folder",
		}},
		{"wallets", []string{"serve", "--public-url=http://cards.example", "--apple-certificate=" + secret, "--apple-password=" + secret, "--apple-nfc-key=" + secret}, nil, []string{
			"STEMPEL_PUBLIC_URL: must look like https://cards.example.com", "STEMPEL_APPLE_NFC_KEY: it is not Base64",
			"STEMPEL_APPLE_CERTIFICATE: it is neither PEM nor a .p12 file",
		}},
		{"pass type alone", []string{"serve", "--apple-pass-type=pass.com.example.loyalty"}, nil, []string{
			"STEMPEL_APPLE_PASS_TYPE: is given, and STEMPEL_APPLE_CERTIFICATE is not",
		}},
		{"readers", []string{"serve", "--vas-keys=" + secret, "--smarttap-keys=" + secret, "--smarttap-collector=0"}, nil, []string{
			"STEMPEL_VAS_KEYS: cannot be used: it is not PEM", "STEMPEL_SMARTTAP_KEYS: cannot be used: it is not PEM",
			"STEMPEL_SMARTTAP_COLLECTOR: must be a number from 1",
		}},
		{"half a Smart Tap", []string{"serve", "--smarttap-collector=4294967296"}, nil, []string{
			"STEMPEL_SMARTTAP_KEYS: cannot be used: there is no key in it", "STEMPEL_SMARTTAP_COLLECTOR: must be",
		}},
		{"another reader's key", []string{"serve"}, map[string]string{
			"STEMPEL_VAS_KEYS_FILE": write(t, vastest.PEM(vastest.NewReader())),
			"STEMPEL_APPLE_NFC_KEY": base64.StdEncoding.EncodeToString(vastest.SPKI(vastest.NewReader())),
		}, []string{"STEMPEL_VAS_KEYS: do not have the private key of STEMPEL_APPLE_NFC_KEY"}},
		{"port out of range", []string{"serve", "--listen=127.0.0.1:65536"}, nil, []string{"STEMPEL_LISTEN: "}},
		{"number out of range", []string{"serve", "--posters=99999999999999999999"}, nil, []string{"STEMPEL_POSTERS: \"99999999999999999999\" is not"}},
		{"no master key", []string{"serve"}, map[string]string{"DATABASE_URL": "postgres://u:" + secret + "@h/x"}, []string{
			"STEMPEL_MASTER_KEY: is needed with DATABASE_URL",
		}},
		{"database without host", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres:///x?password=" + secret}, []string{"DATABASE_URL: must"}},
		{"database by words", []string{"migrate"}, map[string]string{"DATABASE_URL": "host=h password=" + secret}, []string{"DATABASE_URL: must"}},
		{"unencoded /", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres://u:1/" + secret + "@h/x"}, []string{"DATABASE_URL: must"}},
		{"unencoded ?", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres://u:1?" + secret + "@h/x"}, []string{"DATABASE_URL: must"}},
		{"unencoded #", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres://u:1#" + secret + "@h/x"}, []string{"DATABASE_URL: must"}},
		{"unencoded %", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres://u:%zz" + secret + "@h/x"}, []string{"DATABASE_URL: must"}},
		{"unknown option", []string{"migrate"}, map[string]string{"DATABASE_URL": "postgres://u:" + secret + "@h/x?sslmode=rot"}, []string{
			"DATABASE_URL: cannot parse `postgres://u:xxxxx@h/x?sslmode=rot`: failed to configure TLS",
		}},
		{"Redis", []string{"serve"}, map[string]string{"REDIS_URL": "redis://:" + secret + "@h/one", "STEMPEL_LISTEN": "x"}, []string{
			"STEMPEL_LISTEN: ", "REDIS_URL: redis URL: \"one\" is not the number of a database",
		}},
		{"files", []string{"serve"}, map[string]string{
			"DATABASE_URL_FILE":       filepath.Join(t.TempDir(), secret),
			"STEMPEL_MASTER_KEY_FILE": write(t, "\n"),
			"REDIS_URL_FILE":          t.TempDir(),
			"STEMPEL_POSTERS_FILE":    write(t, "none\n"),
		}, []string{
			"DATABASE_URL: the file that DATABASE_URL_FILE names cannot be read: no such file",
			"STEMPEL_MASTER_KEY: the file that STEMPEL_MASTER_KEY_FILE names is empty",
			"REDIS_URL: the file that REDIS_URL_FILE names cannot be read: is a directory",
			"STEMPEL_POSTERS: \"none\" is not",
		}},
		{"a secret where its file belongs", []string{"keys", "list"}, map[string]string{"STEMPEL_MASTER_KEY_FILE": secret}, []string{
			"STEMPEL_MASTER_KEY: the file that STEMPEL_MASTER_KEY_FILE names cannot be read: no such file",
		}},
		{"one mistake of a setting", []string{"keys", "list"}, map[string]string{
			"DATABASE_URL": "postgres://h/x", "STEMPEL_MASTER_KEY_FILE": "missing",
		}, []string{
			"STEMPEL_MASTER_KEY: the file that STEMPEL_MASTER_KEY_FILE names cannot be read",
		}},
		{"both", []string{"keys", "list"}, map[string]string{"STEMPEL_MASTER_KEY": secret, "STEMPEL_MASTER_KEY_FILE": good}, []string{
			"STEMPEL_MASTER_KEY: is given, and STEMPEL_MASTER_KEY_FILE is too: keep one",
		}},
		{"demo", []string{"demo", "--listen=x", "--data=" + blocked}, map[string]string{"STEMPEL_POSTERS": "x"}, []string{
			"--data: cannot make the folder", "--listen: \"x\" must look like",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, value := range tt.environment {
				t.Setenv(name, value)
			}
			var out, errs bytes.Buffer
			err := run(t.Context(), tt.args, &out, &errs)
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			told := strings.Split(err.Error(), "\n  ")
			if told[0] != "the configuration is wrong:" {
				t.Errorf("it begins with %q", told[0])
			}
			told = told[1:]
			for _, want := range tt.want {
				if n := count(told, want); n != 1 {
					t.Errorf("told %d times of %q", n, want)
				}
			}
			if len(told) != len(tt.want) {
				t.Errorf("%d mistakes, want %d: %s", len(told), len(tt.want), err)
			}
			if all := out.String() + errs.String() + err.Error(); strings.Contains(all, secret) {
				t.Errorf("a secret is shown: %s", all)
			}
		})
	}
}

func count(lines []string, prefix string) (n int) {
	for _, line := range lines {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

// write makes a file as a container's secrets are.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is typed wins over the environment, which wins over defaults.
func TestPrecedence(t *testing.T) {
	tests := []struct {
		name        string
		args        []string
		environment map[string]string
		got         func(*serveCommand) string
		want        string
	}{
		{"default", nil, nil, listens, "127.0.0.1:8080"},
		{"variable", nil, map[string]string{"STEMPEL_LISTEN": ":1"}, listens, ":1"},
		{"empty variable", nil, map[string]string{"STEMPEL_LISTEN": ""}, listens, "127.0.0.1:8080"},
		{"file", nil, map[string]string{"STEMPEL_LISTEN_FILE": write(t, ":2\n")}, listens, ":2"},
		{"file from Windows", nil, map[string]string{"STEMPEL_LISTEN_FILE": write(t, ":2\r\n")}, listens, ":2"},
		{"file without line end", nil, map[string]string{"STEMPEL_LISTEN_FILE": write(t, ":2")}, listens, ":2"},
		{"file beside an empty variable", nil, map[string]string{"STEMPEL_LISTEN": "", "STEMPEL_LISTEN_FILE": write(t, ":2")}, listens, ":2"},
		{"flag over variable", []string{"--listen=:3"}, map[string]string{"STEMPEL_LISTEN": ":1"}, listens, ":3"},
		{"flag over file", []string{"--listen=:3"}, map[string]string{"STEMPEL_LISTEN_FILE": "missing"}, listens, ":3"},
		{"flag over both", []string{"--listen=:3"}, map[string]string{"STEMPEL_LISTEN": ":1", "STEMPEL_LISTEN_FILE": "missing"}, listens, ":3"},
		{"the last of two flags", []string{"--listen=:3", "--listen=:4"}, nil, listens, ":4"},
		{"spaces belong to a value", nil, map[string]string{"STEMPEL_DATA_FILE": write(t, "a b \n")}, folder, "a b "},
		{"number", nil, map[string]string{"STEMPEL_POSTERS": "7"}, posters, "7"},
		{"number, empty", nil, map[string]string{"STEMPEL_POSTERS": ""}, posters, "1"},
		{"number by flag", []string{"--posters", "8"}, map[string]string{"STEMPEL_POSTERS": "x"}, posters, "8"},
		{"database", nil, map[string]string{"DATABASE_URL": "postgres://h/x", "STEMPEL_DATA": "d"}, database, "postgres://h/x"},
		{"database by its flag", []string{"--database-url=postgres://h/y"}, map[string]string{"DATABASE_URL": "postgres://h/x"}, database, "postgres://h/y"},
		{"folder over database", []string{"--data", "d"}, map[string]string{"DATABASE_URL": "postgres://h/x"}, database, "sqlite:" + filepath.Join("d", "stempel.db")},
		{"folder over database in a file", []string{"--data", "d"}, map[string]string{"DATABASE_URL_FILE": "missing"}, database, "sqlite:" + filepath.Join("d", "stempel.db")},
		{"both typed", []string{"--data", "d", "--database-url", "postgres://h/x"}, nil, database, "postgres://h/x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("STEMPEL_MASTER_KEY", someMaster)
			for name, value := range tt.environment {
				t.Setenv(name, value)
			}
			parsed, err := parse(append([]string{"serve"}, tt.args...), streams{io.Discard, io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.got(parsed.(*serveCommand)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// By default a new key is published for as long as a till may be offline.
func TestKeysAreRotatedAhead(t *testing.T) {
	parsed, err := parse([]string{"keys", "rotate", "live"}, streams{io.Discard, io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.(*rotateKeys).Ahead; got != keys.Ahead {
		t.Errorf("%s ahead, want %s", got, keys.Ahead)
	}
}

func listens(s *serveCommand) string  { return s.Listen }
func folder(s *serveCommand) string   { return s.Data }
func posters(s *serveCommand) string  { return strconv.Itoa(s.Posters.value) }
func database(s *serveCommand) string { return s.url() }

func TestCheckingConnectsToNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	for _, check := range []error{
		checkDatabaseURL("postgres://u:p@" + address + "/x"),
		checkRedisURL("redis://" + address),
		checkRedisURL("redis+cluster://" + address),
	} {
		if check != nil {
			t.Error(check)
		}
	}
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); err == nil {
		t.Error("somebody connected")
	}
}

func TestPlaceShowsNoSecret(t *testing.T) {
	tests := []struct{ url, want string }{
		{"", filepath.Join("d", "stempel.db")},
		{"postgres://u:geheim@h:5432/shop?sslmode=disable&password=geheim", "postgres://h:5432/shop"},
		{"postgresql://u:geheim@h1:1,h2:2/shop", "postgresql://h1:1,h2:2/shop"},
		{"postgres:///shop?host=/run/postgresql&password=geheim", "postgres:///shop"},
	}
	for _, tt := range tests {
		if got := (&storage{Data: "d", DatabaseURL: tt.url}).place(); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.url, got, tt.want)
		}
	}
}
