// Command stempel is the whole product in one binary: the server, a demo of it,
// and the tools of whoever runs it. Wiring and configuration live here, where
// nothing can import them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // shops have time zones also where the machine has none

	"github.com/jessevdk/go-flags"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "stempel:", err)
		os.Exit(1)
	}
}

// streams are where a command prints: answers out, everything else err.
type streams struct{ out, err io.Writer }

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	to := streams{out: out, err: errs}
	meant, err := parse(args, to)
	if meant == nil || err != nil {
		return err
	}
	return meant.Run(ctx, to)
}

// parse finds the command that is meant and checks its configuration. It returns
// nil when there is nothing left to do: help was asked for, and printed.
func parse(args []string, to streams) (command, error) {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	line := allCommands()
	typed, err := line.parse(args)
	switch {
	case flags.WroteHelp(err): // and whatever else was wrong does not matter
		_, err = fmt.Fprint(to.out, err)
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w (stempel --help lists commands and flags)", err)
	}
	var wrong problems
	environment(typed, &wrong)
	meant := line.runs[typed]
	if meant, ok := meant.(configured); ok {
		meant.check(&wrong)
	}
	return meant, wrong.err()
}

type versionCommand struct{}

func (versionCommand) Run(_ context.Context, s streams) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(s.out, "stempel", version)
	return err
}
