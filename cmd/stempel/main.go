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

	"github.com/alecthomas/kong"
)

// cli is the command line. Flags that name a variable in their env tag can also
// be given in the environment, as environment does it.
type cli struct {
	Serve    serveCommand    `cmd:"" help:"Run the API server."`
	Demo     demoCommand     `cmd:"" help:"Run a server with a seeded merchant, and show how it is used."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database to this version's tables, and stop."`
	Merchant merchantCommand `cmd:"" help:"Make merchants, and list them."`
	Import   importCommand   `cmd:"" help:"Move cards with their balances, and members, in from a CSV file."`
	Export   exportCommand   `cmd:"" help:"Write all data of a merchant as CSV or NDJSON."`
	Keys     keysCommand     `cmd:"" help:"List, rotate and retire signing keys."`
	Tags     tagsCommand     `cmd:"" help:"Register NFC chips for cards, and list them."`
	Jobs     jobsCommand     `cmd:"" help:"Show updates of wallets that failed for good, and have them tried again."`
	Backup   backupCommand   `cmd:"" help:"Write everything into one file while tills go on."`
	Restore  restoreCommand  `cmd:"" help:"Put a backup into an empty database, of either kind, and audit it."`
	Audit    auditCommand    `cmd:"" help:"Recompute every chain and balance; exit 0 only when all holds."`
	Health   healthCommand   `cmd:"" help:"Ask the server on this machine whether it is ready; exit 0 when it is."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

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

// configured is a command whose configuration can be wrong. It is checked before
// the command runs.
type configured interface{ check(wrong *problems) }

// run is main without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	to := streams{out: out, err: errs}
	command, err := parse(args, to)
	if command == nil || err != nil {
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(to)
}

// parse finds the command that is meant and checks its configuration. It returns
// nil when there is nothing left to do: help was asked for, and printed.
func parse(args []string, to streams) (*kong.Context, error) {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	var commands cli
	var wrong problems
	helped := false
	parser, err := kong.New(&commands,
		kong.Name("stempel"),
		kong.Description("A self-hosted loyalty backend: stamps and points that are credited once, provably."),
		kong.Writers(to.out, to.err),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(environment(&wrong)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped: // and whatever else was wrong does not matter
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w (stempel --help lists commands and flags)", err)
	}
	if command, ok := parsed.Selected().Target.Addr().Interface().(configured); ok {
		command.check(&wrong)
	}
	return parsed, wrong.err()
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
