package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// posting measures the ledger's work.
type posting struct {
	commands, queued, guard, read, write prometheus.Observer
	byGuard, byDatabase                  prometheus.Counter
	overrides                            map[loyalty.Limit]prometheus.Counter
}

var _ ledger.Meter = (*posting)(nil)

// quick are the buckets, in seconds, of what takes milliseconds when all is well.
var quick = []float64{.00025, .0005, .001, .002, .003, .005, .0075, .01, .02, .03, .05, .1, .25, .5, 1, 2.5, 5}

func newPosting(registry *prometheus.Registry) *posting {
	batch := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "stempel_posting_batch_commands", Help: "Commands that shared one transaction.",
		Buckets: []float64{1, 2, 4, 8, 16, 32, 64},
	})
	queued := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "stempel_posting_queue_seconds", Help: "Time that a command waited for the batch before its own.", Buckets: quick,
	})
	guard := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "stempel_guard_exchange_seconds", Help: "Time of a batch's trip to the guard, successful or not.", Buckets: quick,
	})
	trips := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "stempel_database_trip_seconds",
		Help: "Time of a batch's two trips to the database: read (locks and facts), write (entries and commit).", Buckets: quick,
	}, []string{"trip"})
	replays := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_replays_refused_total",
		Help: "Used codes that were presented again, by who knew it: guard (the database was not asked) or database.",
	}, []string{"by"})
	overrides := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "stempel_overrides_total",
		Help: "Earns and redemptions that a manager's PIN let go beyond a limit, by limit.",
	}, []string{"limit"})
	registry.MustRegister(batch, queued, guard, trips, replays, overrides)
	p := &posting{
		commands: batch, queued: queued, guard: guard,
		read: trips.WithLabelValues("read"), write: trips.WithLabelValues("write"),
		byGuard: replays.WithLabelValues("guard"), byDatabase: replays.WithLabelValues("database"),
		overrides: map[loyalty.Limit]prometheus.Counter{},
	}
	for _, limit := range loyalty.AllLimits.List() {
		p.overrides[limit] = overrides.WithLabelValues(limit.String())
	}
	return p
}

func (p *posting) Batch(commands int)          { p.commands.Observe(float64(commands)) }
func (p *posting) Waited(queued time.Duration) { p.queued.Observe(queued.Seconds()) }
func (p *posting) Asked(took time.Duration)    { p.guard.Observe(took.Seconds()) }
func (p *posting) Read(took time.Duration)     { p.read.Observe(took.Seconds()) }
func (p *posting) Wrote(took time.Duration)    { p.write.Observe(took.Seconds()) }

func (p *posting) Override(of loyalty.Limit) { p.overrides[of].Inc() }

func (p *posting) Replay(guard bool) {
	if guard {
		p.byGuard.Inc()
	} else {
		p.byDatabase.Inc()
	}
}
