package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// server is one `stempel serve`, as a shop would run it: a process of its own,
// configured by its environment. One goroutine at a time may call its methods.
type server struct {
	address string
	binary  string
	log     string   // file that it logs to
	config  []string // NAME=value

	process *os.Process // nil: not running
	ended   chan error  // how it ended
}

const (
	readyLimit = 30 * time.Second
	stopLimit  = 20 * time.Second
	pollEvery  = 10 * time.Millisecond
)

// start launches the process and returns once it is ready to serve.
func (s *server) start(ctx context.Context) error {
	if err := s.launch(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for !s.ready(ctx) {
		select {
		case err := <-s.ended:
			s.process = nil
			return fmt.Errorf("the server ended while starting: %w\n%s", err, s.lastWords())
		case <-ctx.Done():
			s.kill()
			return fmt.Errorf("the server did not get ready: %w\n%s", ctx.Err(), s.lastWords())
		case <-time.After(pollEvery):
		}
	}
	return nil
}

func (s *server) launch() error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(s.binary, "serve")
	cmd.Env = append(os.Environ(), s.config...) // of two, the later holds
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()

	started := make(chan error)
	ended := make(chan error, 1)
	go func() {
		// Linux sends the parent death signal when the thread that forked is
		// gone, and the Go runtime ends threads as it likes.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.ended = cmd.Process, ended
	return nil
}

func (s *server) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// kill ends the process like a crash (kill -9) and returns when it is gone.
func (s *server) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Kill() // fails only when it has ended already
	<-s.ended
	s.process = nil
}

// stop asks the process to end and returns how it did. A server that leaves its
// work undone or does not end is an error.
func (s *server) stop() error {
	if s.process == nil {
		return nil
	}
	_ = s.process.Signal(syscall.SIGTERM) // fails only when it has ended already
	select {
	case err := <-s.ended:
		s.process = nil
		if err != nil {
			return fmt.Errorf("the server ended with %w\n%s", err, s.lastWords())
		}
		return nil
	case <-time.After(stopLimit):
		s.kill()
		return errors.New("the server did not end when asked to")
	}
}

// cpu is what the process has used so far.
func (s *server) cpu() (time.Duration, error) { return cpuTime(s.process.Pid) }

// lastWords is the end of its log, for an error message.
func (s *server) lastWords() []byte {
	const most = 4000
	log, _ := os.ReadFile(s.log) // without a log there is nothing to say
	return log[max(0, len(log)-most):]
}
