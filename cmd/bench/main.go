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

	"github.com/alecthomas/kong"
)

type cli struct {
	Bench  benchCommand  `cmd:"" help:"Measure a scan beside pgbench, in paired rounds."`
	Faults faultsCommand `cmd:"" help:"Kill servers during scans and updates of wallets, and count what was acknowledged and told."`
	Passes passesCommand `cmd:"" help:"Measure an Apple pass beside an RSA signature, and beside passkit-generator."`
	Import movingCommand `cmd:"" help:"Measure an import beside COPY."`
	Answer answerCommand `cmd:"" hidden:"" help:"Answer whatever is asked: the far end when the driver is measured."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var commands cli
	parsed := kong.Parse(&commands,
		kong.Name("bench"),
		kong.Description("Benchmarks and fault runs of Stempel, on private engines."),
		kong.UsageOnError(),
	)
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
