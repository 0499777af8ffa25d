package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

type benchCommand struct {
	Rows    []string `long:"rows" default:"live" default:"static" default:"purchase" default:"rules" default:"hot" default:"sqlite" choice:"live" choice:"static" choice:"purchase" choice:"rules" choice:"hot" choice:"sqlite" description:"Which row to measure beside pgbench; may be given several times. What rules cost is told by purchase and rules together."`
	Rounds  int      `long:"rounds" default:"9" description:"Paired rounds. Fewer than 9 are for trying things out."`
	Seconds int      `long:"seconds" default:"3" description:"Length of each stretch of load."`
	Cards   int      `long:"cards" default:"100000" description:"Cards in the database."`
	Tills   int      `long:"tills" default:"32" description:"Tills, each on a connection of its own; pgbench gets as many clients."`
	JSON    string   `long:"json" env:"BENCH_JSON" value-name:"PATH" description:"Where to write the figures as one flat JSON object."`
}

func (b *benchCommand) Validate() error {
	if b.Rounds < 1 || b.Seconds < 1 || b.Cards < 1 || b.Tills < 1 || b.Tills > maxTills {
		return fmt.Errorf("rounds, seconds, cards and tills must be positive, and tills at most %d", maxTills)
	}
	return nil
}

// maxTills leaves PostgreSQL's 200 connections, which pgbench uses as many of, to spare.
const maxTills = 128

// warmUp is a stretch before the first round, for caches and statements. What it
// measures is only used to guess how many credentials a round needs.
const warmUp = time.Second

// Run measures, prints the table and writes the figures.
func (b *benchCommand) Run(ctx context.Context) error {
	passes, err := measurePasses(ctx, passRounds)
	if err != nil {
		return err
	}
	s, err := openSite(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	all := &results{}
	if all.rows, err = b.prepare(ctx, s); err != nil {
		return err
	}
	yardstick, err := openPgbench(ctx, s.postgres.URL(), s.dir, b.Cards, b.Tills, b.Seconds)
	if err != nil {
		return err
	}
	if err := reuseWAL(ctx, s.postgres.URL()); err != nil {
		return err
	}
	for _, r := range all.rows {
		note("warming up: %s", r.name)
		if _, err := r.measure(ctx, s, 0, warmUp); err != nil {
			return err
		}
	}
	for round := range b.Rounds {
		if err := b.round(ctx, s, yardstick, all, round); err != nil {
			return err
		}
		note("round %d of %d:%s", round+1, b.Rounds, all.lastRound())
	}
	for _, r := range all.rows {
		if r.peak, err = peakMemory(r.server.process.Pid); err != nil {
			return err
		}
	}
	if err := stopAll(s.servers); err != nil {
		return err
	}
	figures := all.figures()
	maps.Copy(figures, passes.figures())
	return errors.Join(all.print(os.Stdout), passes.print(os.Stdout), figures.write(b.JSON))
}

// round measures everything once. The order turns round each time, so that
// neither side always has the fresher machine, and the live row, whose ratio
// counts most, always stands beside pgbench.
func (b *benchCommand) round(ctx context.Context, s *site, yardstick *pgbench, all *results, round int) error {
	steps := []func() error{func() error {
		m, err := s.metered(nil, func() (measured, error) { return yardstick.run(ctx) })
		all.pgbench = append(all.pgbench, m)
		return err
	}}
	for _, r := range all.rows {
		steps = append(steps, func() error {
			m, err := r.measure(ctx, s, round, time.Duration(b.Seconds)*time.Second)
			r.rounds = append(r.rounds, m)
			return err
		})
	}
	if round%2 == 1 {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	alone, err := driverAlone(ctx, all.rows[0].tills)
	all.driver = append(all.driver, alone)
	return err
}
