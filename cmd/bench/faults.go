package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

type faultsCommand struct {
	Presented int           `long:"presented" default:"500" description:"How often one credential is presented at once."`
	Floods    int           `long:"floods" default:"3" description:"Credentials that are presented like that, with each guard."`
	Scans     int           `long:"scans" default:"20000" description:"Scans while servers are killed, on each database."`
	Tills     int           `long:"tills" default:"32" description:"Tills that scan at the same time."`
	Updates   int           `long:"updates" default:"10000" description:"Cards in wallets that one campaign changes."`
	Limit     time.Duration `long:"limit" default:"15m" description:"When to give up."`
	JSON      string        `long:"json" env:"FAULTS_JSON" value-name:"PATH" description:"Where to write the figures as one flat JSON object."`
}

func (f *faultsCommand) Validate() error {
	if f.Presented < 2 || f.Floods < 1 || f.Scans < scansPerCard || f.Tills < 2 || f.Tills > maxTills || f.Updates < 100 {
		return fmt.Errorf("it takes 2 presentations, 1 flood, %d scans, 2 to %d tills and 100 updates", scansPerCard, maxTills)
	}
	return nil
}

const (
	apiProcesses = 3  // side by side on PostgreSQL
	scansPerCard = 20 // in a storm: each card is filled twice
)

// errBroken says that the ledger and the tills disagree.
var errBroken = errors.New("a promise was broken: see the table")

// Run makes all fault runs, prints what came of them, and fails when anything
// was lost or doubled.
func (f *faultsCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, f.Limit, errors.New("the fault runs took longer than their limit"))
	defer cancel()
	s, err := openSite(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	all := &outcomes{}
	for _, run := range []func(context.Context, *site, *outcomes) error{f.inWallets, f.onPostgres} {
		if err := run(ctx, s, all); err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
	}
	if err := errors.Join(all.print(os.Stdout), all.figures().write(f.JSON)); err != nil {
		return err
	}
	if !all.hold() {
		return errBroken
	}
	return nil
}

// inWallets makes a campaign, and while what its kills have cut off waits to be taken
// up again, the runs that leave PostgreSQL alive.
func (f *faultsCommand) inWallets(ctx context.Context, s *site, all *outcomes) error {
	note("campaign: %d cards in wallets", f.Updates)
	c, err := newCampaign(ctx, s, f.Updates)
	if err != nil {
		return err
	}
	if err := c.run(ctx); err != nil {
		return errors.Join(err, c.close())
	}
	for _, meanwhile := range []func(context.Context, *site, *outcomes) error{f.onSQLite, f.onSentinel, f.onCluster} {
		if err := meanwhile(ctx, s, all); err != nil {
			return errors.Join(err, c.close())
		}
	}
	all.campaign, err = c.finish(ctx)
	return errors.Join(err, c.close())
}

// stormCards is how many cards so many scans take.
func stormCards(scans int) int { return scans / scansPerCard }

// onPostgres floods three processes with every guard, then sends them through a
// storm.
func (f *faultsCommand) onPostgres(ctx context.Context, s *site, all *outcomes) error {
	guards := s.guards()
	shop, err := seed(ctx, s.onPostgres().url(), s.master, f.Tills, stormCards(f.Scans)+len(guards)*f.Floods)
	if err != nil {
		return err
	}
	for i, guard := range guards {
		outcome, err := f.flood(ctx, s, shop, guard, stormCards(f.Scans)+i*f.Floods)
		if err != nil {
			return fmt.Errorf("%s: %w", guard.name, err)
		}
		all.floods = append(all.floods, outcome)
	}
	servers, err := s.serveSeveral(ctx, apiProcesses, s.onPostgres(), s.redis.URL())
	if err != nil {
		return err
	}
	outcome, err := f.storm(ctx, s, stormOutcome{name: "PostgreSQL", prefix: "postgres_", scans: f.Scans},
		s.onPostgres(), shop, servers, s.postgresFaults(servers[1]))
	all.storms = append(all.storms, outcome)
	return err
}

// postgresFaults is the plan: Redis goes twice, one process once, PostgreSQL once.
func (s *site) postgresFaults(victim *server) []fault {
	killRedis := func(context.Context) error { s.redis.Kill(); return nil }
	return []fault{
		{0.10, "kill Redis", killRedis},
		{0.20, "restart Redis", s.redis.Restart},
		{0.30, "kill -9 a process", func(context.Context) error { victim.kill(); return nil }},
		{0.40, "restart the process", victim.start},
		{0.50, "kill and restart PostgreSQL", func(ctx context.Context) error {
			s.postgres.Kill()
			return s.postgres.Restart(ctx)
		}},
		{0.65, "kill Redis again", killRedis},
		{0.75, "restart Redis again", s.redis.Restart},
	}
}

// onSQLite sends one process through the same storm, killing it over and over.
func (f *faultsCommand) onSQLite(ctx context.Context, s *site, all *outcomes) error {
	shop, err := seed(ctx, s.onSQLite().url(), s.master, f.Tills, stormCards(f.Scans))
	if err != nil {
		return err
	}
	process, err := s.serve(ctx, s.onSQLite(), "")
	if err != nil {
		return err
	}
	crash := func(ctx context.Context) error {
		process.kill()
		return process.start(ctx)
	}
	plan := []fault{{0.2, "kill -9", crash}, {0.45, "kill -9 again", crash}, {0.7, "kill -9 a third time", crash}}
	outcome, err := f.storm(ctx, s, stormOutcome{name: "SQLite", prefix: "sqlite_", scans: f.Scans},
		s.onSQLite(), shop, []*server{process}, plan)
	all.storms = append(all.storms, outcome)
	return err
}
