package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// results are all rounds: those of pgbench, and of each row the ones beside them.
type results struct {
	pgbench []measured
	rows    []*row
	driver  []measured // asking a process that does nothing but answer
}

// comparison is what a row came to: ratios first, since bare times are true of
// one machine on one day.
type comparison struct {
	rate, p50, p99                      float64 // over pgbench's of the same round, median
	perSecond, middle, slow             float64 // the same bare: a second, ms, ms
	total, api, postgres, redis, client float64 // core-µs each
}

func (all *results) compare(rounds []measured) comparison {
	ratio := func(figure func(measured) float64) float64 {
		return medianRatio(rounds, all.pgbench, figure, figure)
	}
	cost := func(of func(spent) time.Duration) float64 {
		return medianOf(rounds, func(m measured) float64 { return m.each(of(m.spent)) })
	}
	return comparison{
		rate: ratio(measured.perSecond), p50: ratio(measured.p50), p99: ratio(measured.p99),
		perSecond: medianOf(rounds, measured.perSecond),
		middle:    medianOf(rounds, measured.p50),
		slow:      medianOf(rounds, measured.p99),
		total:     cost(spent.total),
		api:       cost(func(s spent) time.Duration { return s.api }),
		postgres:  cost(func(s spent) time.Duration { return s.postgres }),
		redis:     cost(func(s spent) time.Duration { return s.redis }),
		client:    cost(func(s spent) time.Duration { return s.client }),
	}
}

// row finds a row by name, nil when it was not asked for.
func (all *results) row(name string) *row {
	for _, r := range all.rows {
		if r.name == name {
			return r
		}
	}
	return nil
}

// lastRound names each row's ratio of the latest round.
func (all *results) lastRound() (said string) {
	last := len(all.pgbench) - 1
	for _, r := range all.rows {
		said += fmt.Sprintf("  %s %.3f", r.name, r.rounds[last].perSecond()/all.pgbench[last].perSecond())
	}
	return said
}

// print writes the table.
func (all *results) print(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tvs pgbench\tp50 vs\tp99 vs\tcore-µs\tserver\tpostgres\tredis\tclient\tper s\tp50 ms\tp99 ms\tRSS MiB\t")
	line := func(name string, c comparison, peak int64) {
		fmt.Fprintf(table, "%s\t%.3f\t%.2f\t%.2f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t%.2f\t%.2f\t%.1f\t\n", name,
			c.rate, c.p50, c.p99, c.total, c.api, c.postgres, c.redis, c.client, c.perSecond, c.middle, c.slow, mebibytes(peak))
	}
	line("pgbench", all.compare(all.pgbench), 0)
	for _, r := range all.rows {
		line(r.name, all.compare(r.rounds), r.peak)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, "\nMedians of %d rounds; ratios are between neighbours of one round. core-µs: CPU time of each process for one scan\n"+
		"(of pgbench: for one transaction); client is our driver, or pgbench itself. Asking a process that only answers,\n"+
		"the driver costs %.1f core-µs a request.\n", len(all.pgbench), all.driverCost())
	return err
}

// driverCost is what the driver itself costs, in core-µs a request.
func (all *results) driverCost() float64 {
	return medianOf(all.driver, func(m measured) float64 { return m.each(m.spent.client) })
}

// figures are the same as flat numbers. A row's stand under its prefix.
func (all *results) figures() figures {
	f := figures{"rounds": float64(len(all.pgbench))}
	all.add(f, "pgbench", all.compare(all.pgbench))
	f["pgbench_tps"] = f["pgbench_per_s"]
	for _, r := range all.rows {
		c := all.compare(r.rounds)
		all.add(f, r.prefix, c)
		f[r.prefix+"_vs_pgbench"] = c.rate
		f[r.prefix+"_p50_vs_pgbench"] = c.p50
		f[r.prefix+"_p99_vs_pgbench"] = c.p99
		f[r.prefix+"_api_us"] = c.api
		f[r.prefix+"_redis_us"] = c.redis
	}
	f["driver_us"] = all.driverCost()
	if live := all.row("live"); live != nil {
		f["server_rss_mib"] = mebibytes(live.peak)
	}
	if ruled, plain := all.row("rules"), all.row("purchase"); ruled != nil && plain != nil { // of the same purchases
		f["rules_ratio"] = medianRatio(ruled.rounds, plain.rounds, measured.perSecond, measured.perSecond)
		cpu := func(m measured) float64 { return m.each(m.spent.total()) }
		f["rules_core_ratio"] = medianRatio(ruled.rounds, plain.rounds, cpu, cpu)
	}
	if lite := all.row("sqlite"); lite != nil {
		f["sqlite_scans_per_s"] = f["sqlite_per_s"]
		f["sqlite_server_rss_mib"] = mebibytes(lite.peak)
		if live := all.row("live"); live != nil {
			f["sqlite_vs_live"] = medianRatio(lite.rounds, live.rounds, measured.perSecond, measured.perSecond)
		}
	}
	return f
}

// add puts in what pgbench and rows have in common.
func (all *results) add(f figures, prefix string, c comparison) {
	f[prefix+"_per_s"] = c.perSecond
	f[prefix+"_p50_ms"] = c.middle
	f[prefix+"_p99_ms"] = c.slow
	f[prefix+"_core_us"] = c.total
	f[prefix+"_postgres_us"] = c.postgres
	f[prefix+"_client_us"] = c.client
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
