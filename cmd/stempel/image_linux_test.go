package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/keys"
)

// recipe is what the Dockerfile says of the last stage.
type recipe struct {
	build       string // the command that builds the program
	user        int
	environment []string
	entrypoint  string
	health      []string
	files       []string // what is copied into the image
}

func readDockerfile(t *testing.T) (i recipe) {
	t.Helper()
	list := func(text string) []string {
		return strings.Split(strings.NewReplacer(`"`, "", "[", "", "]", "", " ", "").Replace(text), ",")
	}
	for line := range strings.Lines(read(t, "../../Dockerfile")) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch instruction {
		case "RUN":
			if strings.Contains(rest, "go build") {
				i.build = rest
			}
		case "FROM":
			i.files = nil // only the last stage becomes the image
		case "COPY":
			i.files = append(i.files, rest[strings.LastIndex(rest, " ")+1:])
		case "ENV":
			i.environment = append(i.environment, rest)
		case "USER":
			user, _, _ := strings.Cut(rest, ":")
			i.user, _ = strconv.Atoi(user) // 0 is refused below
		case "ENTRYPOINT":
			i.entrypoint = list(rest)[0]
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, " CMD ")
			i.health = list(command)
		}
	}
	if i.build == "" || i.user == 0 || i.entrypoint == "" || len(i.health) != 2 {
		t.Fatalf("the Dockerfile is not understood, or its user has no number: %+v", i)
	}
	return i
}

// container is an empty root folder with nothing but the program in it, and one
// folder that its user may write to: what a container of the image is without an
// engine.
type container struct {
	recipe
	root string
}

// mostUnpacked is what the image weighs less than, in bytes: all of its files, as they lie
// on a machine. Pulled it is a third of that.
const mostUnpacked = 40_000_000

// certificates is more than those of Debian weigh, as if nothing could compress
// them.
const certificates = 300_000

// pulled is what a registry would store: a layer for every COPY, each a tar in
// gzip.
func (c container) pulled(t *testing.T) (bytes int64) {
	t.Helper()
	for _, file := range c.files {
		var size countingWriter
		compressed := gzip.NewWriter(&size)
		layer := tar.NewWriter(compressed)
		header := &tar.Header{Name: strings.TrimPrefix(file, "/"), Mode: 0o755}
		switch {
		case file == c.entrypoint:
			program := read(t, filepath.Join(c.root, file))
			header.Size = int64(len(program))
			if err := errors.Join(layer.WriteHeader(header), writeAll(layer, program)); err != nil {
				t.Fatal(err)
			}
		case strings.HasSuffix(file, "/ca-certificates.crt"):
			size += certificates
		case file == "/data":
			header.Typeflag, header.Uid, header.Gid = tar.TypeDir, c.user, c.user
			if err := layer.WriteHeader(header); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("nobody has weighed %s", file)
		}
		if err := errors.Join(layer.Close(), compressed.Close()); err != nil {
			t.Fatal(err)
		}
		bytes += int64(size)
	}
	return bytes
}

// figures are what pages say of the image's size, in MB.
var figures = regexp.MustCompile(`about (\d+) MB to pull[^.]* below (\d+) MB unpacked`)

// checkFigures holds that pages say what is held, and what is pulled within a tenth of
// what was measured.
func checkFigures(t *testing.T, pulled int64) {
	t.Helper()
	for _, page := range []string{"README.md", "Dockerfile", "docs/operations/running.md"} {
		said := figures.FindStringSubmatch(read(t, "../../"+page))
		if said == nil {
			t.Errorf("%s does not say how large the image is", page)
			continue
		}
		toPull, _ := strconv.ParseInt(said[1], 10, 64)
		if most, _ := strconv.ParseInt(said[2], 10, 64); max(toPull*1e6, pulled)-min(toPull*1e6, pulled) > pulled/10 || most*1e6 != mostUnpacked {
			t.Errorf("%s says %q: %d bytes are pulled, and less than %d unpacked", page, said[0], pulled, mostUnpacked)
		}
	}
}

func writeAll(to io.Writer, text string) error {
	_, err := io.WriteString(to, text)
	return err
}

// countingWriter counts what is written to it.
type countingWriter int64

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}

func newContainer(t *testing.T) container {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: only root can change the root folder")
	}
	c := container{recipe: readDockerfile(t), root: t.TempDir()}
	build := exec.Command("sh", "-c", strings.ReplaceAll(c.build, "/out/", c.root+"/"))
	build.Dir = "../.."
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", c.build, err, said)
	}
	info, err := os.Stat(filepath.Join(c.root, c.entrypoint))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, pulled := info.Size()+certificates, c.pulled(t)
	t.Logf("the image is %.1f MB as it is pulled, %.1f MB unpacked", float64(pulled)/1e6, float64(unpacked)/1e6)
	if unpacked >= mostUnpacked {
		t.Errorf("the image has %d bytes unpacked, want less than %d: which dependency is it, and is it worth it?", unpacked, mostUnpacked)
	}
	checkFigures(t, pulled)
	for _, dir := range []string{"data", "run/secrets"} {
		if err := os.MkdirAll(filepath.Join(c.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(c.root, "data"), c.user, c.user); err != nil {
		t.Fatal(err)
	}
	return c
}

// secret puts a file where an orchestrator would, and names it.
func (c container) secret(t *testing.T, variable, value string) string {
	t.Helper()
	path := "/run/secrets/" + strings.ToLower(variable)
	if err := os.WriteFile(c.root+path, []byte(value+"\n"), 0o444); err != nil {
		t.Fatal(err)
	}
	return variable + "_FILE=" + path
}

// process runs the program in the container.
func (c container) process(environment []string, args ...string) *exec.Cmd {
	cmd := exec.Command(c.entrypoint, args...)
	cmd.Path = c.entrypoint // as seen from within
	cmd.Err = nil           // it is not there outside
	cmd.Dir = "/"
	cmd.Env = append(append([]string{}, c.environment...), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot: c.root, Credential: &syscall.Credential{Uid: uint32(c.user), Gid: uint32(c.user)},
	}
	return cmd
}

// healthy asks as the image's health check does.
func (c container) healthy(environment []string) (string, error) {
	said, err := c.process(environment, c.health[1]).CombinedOutput()
	return string(said), err
}

func TestContainer(t *testing.T) {
	c := newContainer(t)
	t.Run("on PostgreSQL and Redis", func(t *testing.T) {
		environment := []string{
			c.secret(t, "DATABASE_URL", enginetest.Postgres(t)),
			c.secret(t, "STEMPEL_MASTER_KEY", keys.NewMaster()),
			c.secret(t, "REDIS_URL", enginetest.Redis(t)),
		}
		if said, err := c.process(environment, "migrate").CombinedOutput(); err != nil {
			t.Fatalf("migrate: %v: %s", err, said)
		}
		c.serves(t, environment)
		if made, err := os.ReadDir(c.root + "/data"); err != nil || len(made) != 0 {
			t.Errorf("it wrote %v (%v)", made, err)
		}
	})
	t.Run("with its own database", func(t *testing.T) {
		c.serves(t, nil)
		if said, err := c.process(nil, "audit").CombinedOutput(); err != nil {
			t.Errorf("audit: %v: %s", err, said)
		}
		if said, err := c.process(nil, "backup", "/data/x.backup").CombinedOutput(); err != nil {
			t.Errorf("backup: %v: %s", err, said)
		}
		if said, err := c.process(nil, "backup", "/x.backup").CombinedOutput(); err == nil {
			t.Errorf("it can write to its root: %s", said)
		}
	})
}

// serves runs a server until it is healthy, and ends it.
func (c container) serves(t *testing.T, environment []string) {
	t.Helper()
	_, port, err := net.SplitHostPort(deadAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	environment = append(environment, "STEMPEL_LISTEN=0.0.0.0:"+port)
	if said, err := c.healthy(environment); err == nil {
		t.Errorf("healthy before it runs: %s", said)
	}
	server := c.process(environment, "serve")
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill() }) // fails when it has ended, as it should have
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	var said string
	eventually(t, "the container is healthy", func() bool {
		said, err = c.healthy(environment)
		return err == nil || len(ended) > 0
	})
	if !strings.Contains(said, `"ready"`) {
		t.Errorf("healthy, but %s", said)
	}
	if got := call(t, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%s/healthz", port), "", nil); got.status != http.StatusOK {
		t.Errorf("healthz from outside: %+v", got)
	}
	_ = server.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v: %s", err, log.String())
	}
	if said, err := c.healthy(environment); err == nil {
		t.Errorf("healthy after its end: %s", said)
	}
}
