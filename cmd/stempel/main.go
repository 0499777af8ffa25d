// Command stempel is the whole product in one binary: the server, a demo of it,
// and the tools of whoever runs it. Wiring and configuration live here, where
// nothing can import them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // shops have time zones also where the machine has none

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag can also be given in the environment, and
// every secret in a file named by the variable with _FILE behind it.
type cli struct {
	Serve   serveCommand   `cmd:"" help:"Run the API server."`
	Demo    demoCommand    `cmd:"" help:"Run a server with a seeded merchant, and show how it is used."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this version's tables, and stop."`
	Keys    keysCommand    `cmd:"" help:"List, rotate and retire signing keys."`
	Audit   auditCommand   `cmd:"" help:"Recompute every chain and balance; exit 0 only when all holds."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "stempel:", err)
		os.Exit(1)
	}
}

// streams are where a command prints: answers out, everything else err.
type streams struct{ out, err io.Writer }

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	var commands cli
	exited := false
	parser, err := kong.New(&commands,
		kong.Name("stempel"),
		kong.Description("A self-hosted loyalty backend: stamps and points that are credited once, provably."),
		kong.Writers(out, errs),
		kong.Exit(func(int) { exited = true }),
		kong.Resolvers(secretFiles(os.LookupEnv, os.ReadFile)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if exited { // --help has printed
		return nil
	}
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w (stempel --help lists commands and flags)", err)
	}
	if err != nil {
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(streams{out: out, err: errs})
}

type versionCommand struct{}

func (versionCommand) Run(s streams) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(s.out, "stempel", version)
	return err
}
