// Command bench measures what a scan costs, beside the least that PostgreSQL can
// be asked to do for it, and counts what is left of scans when servers are killed
// while they are made.
//
// It builds the real binary and runs it as a shop would: processes of their own,
// real engines, full durability, HTTP. It must never reach into a server, nor
// give it a setting that a shop would not; what it needs besides (engines, a
// seeded database, credentials) it makes before anything is measured. Only the
// signing of passes is measured in this process, beside a bare signature.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/jessevdk/go-flags"
)

// command is something to measure, or a part of it.
type command interface {
	Run(ctx context.Context) error
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case flags.WroteHelp(err):
		fmt.Print(err)
	case err != nil:
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	parser := flags.NewNamedParser("bench", flags.HelpFlag)
	parser.LongDescription = "Benchmarks and fault runs of Stempel, on private engines."
	commands := map[*flags.Command]command{}
	add := func(name, help string, c command) *flags.Command {
		made, err := parser.AddCommand(name, help, help, c)
		if err != nil {
			panic(err) // its tags are wrong: every start would tell
		}
		commands[made] = c
		return made
	}
	add("bench", "Measure a scan beside pgbench, in paired rounds.", &benchCommand{})
	add("faults", "Kill servers during scans and updates of wallets, and count what was acknowledged and told.", &faultsCommand{})
	add("passes", "Measure an Apple pass beside an RSA signature, and beside passkit-generator.", &passesCommand{})
	add("import", "Measure an import beside COPY.", &movingCommand{})
	add("expiry", "Measure scans beside the expiry of many points.", &expiryCommand{})
	add("answer", "Answer whatever is asked: the far end when the driver is measured.", &answerCommand{}).Hidden = true

	rest, err := parser.ParseArgs(args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %s", rest[0])
	}
	meant := commands[parser.Active]
	if limited, ok := meant.(interface{ Validate() error }); ok {
		if err := limited.Validate(); err != nil {
			return err
		}
	}
	return meant.Run(ctx)
}
