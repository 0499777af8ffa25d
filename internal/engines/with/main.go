// Command with runs another command with a PostgreSQL and a Redis to test
// against:
//
//	go run ./internal/engines/with -- go test ./...
//
// The servers that TEST_DATABASE_URL and TEST_REDIS_URL name are used as they
// are. For those not named it starts private ones, installing them first where
// it may, and stops them in the end. The small programs that tests read codes and
// signatures back with it installs, too. Its exit code is the command's.
//
// When something cannot be had the command runs all the same, and the last
// lines say which suites did not run and why; with CI=true that is a failure.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with -- command [argument ...]")
		os.Exit(2)
	}
	os.Exit(run(args, os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var suite suite
	defer suite.stop()
	if interrupted := suite.start(); interrupted {
		return shellInterrupted
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.Env = append(os.Environ(), suite.environment...)
	code, err := runForwarding(cmd)
	if err != nil {
		fmt.Fprintln(stderr, "with:", err)
	}
	if len(suite.lacking) == 0 {
		return code
	}
	suite.complain(stderr)
	if code == 0 && os.Getenv("CI") == "true" {
		return 1
	}
	return code
}

// Exit codes as shells use them.
const (
	shellNotFound    = 127
	shellSignalled   = 128 // plus the signal's number
	shellInterrupted = shellSignalled + int(syscall.SIGINT)
)

// endings are the signals that ask us to end.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// runForwarding runs cmd to its end and passes it the signals that ask us to
// end: whether and how it obeys is its affair, and the servers go after it.
func runForwarding(cmd *exec.Cmd) (code int, err error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return shellNotFound, err
	}
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			_ = cmd.Process.Signal(sig) // fails only when it has just ended
		case err := <-ended:
			return exitCode(err)
		}
	}
}

// exitCode turns what Wait returned into an exit code. A command that failed is
// no error of ours: it has said so itself.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return shellSignalled + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
