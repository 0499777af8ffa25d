package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"stempel/internal/engines/enginetest"
	"stempel/internal/keys"
)

// process is this program running by itself, as a shop would run it.
type process struct {
	cmd      *exec.Cmd
	out, log string // files
}

func launch(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{cmd: exec.Command("stempel", args...), out: filepath.Join(dir, "out"), log: filepath.Join(dir, "log")}
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = create(t, p.out), create(t, p.log)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// url waits until the process serves, and tells where.
func (p *process) url(t *testing.T) (url string) {
	t.Helper()
	eventually(t, "the process serves", func() bool {
		for line := range bytes.Lines([]byte(read(t, p.log))) {
			var said struct{ Msg, URL string }
			if json.Unmarshal(line, &said) == nil && said.Msg == "serving" {
				url = said.URL
			}
		}
		return url != ""
	})
	return url
}

// stop ends the process as an orchestrator does. It must exit with 0.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, read(t, p.log))
	}
}

// Ctrl-C waits for requests under way; a second one does not.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := launch(t, []string{"STEMPEL_DATA=" + t.TempDir(), "STEMPEL_LISTEN=127.0.0.1:0"}, "serve")
	address := strings.TrimPrefix(p.url(t), "http://")
	begin(t, address, "nobody", 1)
	interrupt := func() { _ = p.cmd.Process.Signal(os.Interrupt) } // fails only when it has ended already
	interrupt()
	eventually(t, "new connections are refused", func() bool { return refused(address) })
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	eventually(t, "the process ends", func() bool {
		interrupt()
		return len(ended) > 0
	})
	err := <-ended
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v", err)
	}
}

// Whoever is first makes the tables, the master key and the keyring, and the
// other finds them.
func TestTwoProcessesStartAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		master := keys.NewMaster()
		together(t, master, "DATABASE_URL="+enginetest.Postgres(t), "STEMPEL_MASTER_KEY="+master)
	})
	t.Run("in a folder", func(t *testing.T) {
		t.Parallel()
		together(t, "", "STEMPEL_DATA="+filepath.Join(t.TempDir(), "new"))
	})
}

func together(t *testing.T, secret string, environment ...string) {
	environment = append(environment, "STEMPEL_LISTEN=127.0.0.1:0")
	var both []*process
	for range 2 {
		both = append(both, launch(t, environment, "serve"))
	}
	var published []string
	for _, p := range both {
		got := call(t, http.MethodGet, p.url(t)+"/.well-known/jwks.json", "", nil)
		published = append(published, got.body)
		if got := call(t, http.MethodGet, p.url(t)+"/readyz", "", nil); got.status != http.StatusOK {
			t.Errorf("readyz: %d %s", got.status, got.body)
		}
	}
	if published[0] != published[1] {
		t.Errorf("they do not share their keys:\n%s\n%s", published[0], published[1])
	}
	for _, p := range both {
		p.stop(t)
		if log := read(t, p.log); secret != "" && strings.Contains(log, secret) {
			t.Errorf("the log shows the master key: %s", log)
		}
	}
}
