package engines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = 2 * time.Minute  // initdb and crash recovery on a busy machine
	endLimit   = 20 * time.Second // to end by a signal, before SIGKILL
	tryLimit   = 5 * time.Second  // one attempt to talk to a starting server
	pollEvery  = 20 * time.Millisecond
)

// errEndedEarly says that a server went away before it answered.
var errEndedEarly = errors.New("ended while starting")

// Server is what both engines have in common: a folder, a port, and a process
// that can be killed and brought back in place. Its methods may be called from
// several goroutines.
type Server struct {
	name    string
	dir     string // empty after Stop
	account *account
	port    int

	command  func() *exec.Cmd            // a fresh command line for the present port
	answers  func(context.Context) error // nil when the server talks to us; ctx has a deadline
	shutdown syscall.Signal              // ends it in good order
	crash    syscall.Signal              // ends it at once

	mu      sync.Mutex
	running *process // nil when stopped or killed
}

// newServer makes the server's folder, owned by the account it will run as.
func newServer(name string) (*Server, error) {
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stempel-"+name+"-")
	if err != nil {
		return nil, err
	}
	if err := account.own(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Server{name: name, dir: dir, account: account}, nil
}

// Kill ends the server like a crash: nobody says goodbye, nothing is saved. It
// returns when the server's processes are gone. Restart brings it back.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(s.crash)
}

// Restart starts the server again on the same port and folder, after an orderly
// shutdown if it still runs. It returns when the server answers.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		return fmt.Errorf("restart %s: it was stopped and its folder removed", s.name)
	}
	s.end(s.shutdown)
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return s.start(ctx)
}

// Stop ends the server for good and removes its folder. Further calls do
// nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(s.crash)
	_ = os.RemoveAll(s.dir) // what is left in a temporary folder does no harm
	s.dir = ""
}

// end ends the server's process, if there is one, by sig.
func (s *Server) end(sig syscall.Signal) {
	if s.running != nil {
		s.running.end(sig, endLimit)
		s.running = nil
	}
}

// PID returns the id of the server's first process, 0 when it does not run.
// PostgreSQL's other processes are its children.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return 0
	}
	return s.running.cmd.Process.Pid
}

// startAnywhere chooses a port and starts the server there. Another process may
// take the port in between, so it tries a few.
func (s *Server) startAnywhere(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	var err error
	for range 3 {
		if s.port, err = freePort(); err != nil {
			return err
		}
		if err = s.start(ctx); !errors.Is(err, errEndedEarly) {
			return err
		}
	}
	return err
}

// start launches the server and returns once it answers, has ended
// (errEndedEarly) or ctx is done.
func (s *Server) start(ctx context.Context) error {
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.command()
	cmd.Stdout, cmd.Stderr = log, log
	p, err := s.launch(cmd)
	if err != nil {
		return err
	}
	for s.attempt(ctx) != nil {
		select {
		case <-p.ended:
			return fmt.Errorf("%s %w: %v\n%s", s.name, errEndedEarly, p.err, s.lastWords())
		case <-ctx.Done():
			p.end(s.crash, endLimit)
			return fmt.Errorf("%s did not answer in time: %w\n%s", s.name, ctx.Err(), s.lastWords())
		case <-time.After(pollEvery):
		}
	}
	s.running = p
	return nil
}

// attempt talks to the server once. The limit matters when a stranger that says
// nothing got our port.
func (s *Server) attempt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	return s.answers(ctx)
}

// launch starts cmd in the server's folder and as its account.
func (s *Server) launch(cmd *exec.Cmd) (*process, error) {
	cmd.Dir = s.dir
	cmd.SysProcAttr = attributes(s.account, s.crash)
	return launch(cmd)
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "log") }

// lastWords returns the end of the server's log, for an error message.
func (s *Server) lastWords() []byte {
	const most = 2000
	log, _ := os.ReadFile(s.logPath()) // without a log there is nothing to say
	return log[max(0, len(log)-most):]
}
