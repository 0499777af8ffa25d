package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// upkeep counts what the server does beside its requests.
type upkeep struct {
	pruned, pruneFailures, keyringFailures prometheus.Counter
	prunedAt                               prometheus.Gauge
	databaseUp, guardDegraded              atomic.Bool
}

func newUpkeep(registry *prometheus.Registry) *upkeep {
	u := &upkeep{
		pruned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "stempel_pruned_rows_total", Help: "Rows deleted because no path can need them any more.",
		}),
		pruneFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "stempel_prune_failures_total", Help: "Times that pruning failed.",
		}),
		keyringFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "stempel_keyring_reload_failures_total", Help: "Times that the keyring could not be read again.",
		}),
		prunedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "stempel_prune_last_success_timestamp_seconds", Help: "When pruning last succeeded; 0 before the first time.",
		}),
	}
	registry.MustRegister(u.pruned, u.pruneFailures, u.keyringFailures, u.prunedAt,
		switched("stempel_database_up", "1 while the database answers; looked at every 10 seconds.", &u.databaseUp),
		switched("stempel_guard_degraded", "1 while the guard does without Redis; looked at every 10 seconds.", &u.guardDegraded))
	return u
}

// switched is a gauge of 0 and 1 that a scrape reads without asking anybody.
func switched(name, help string, on *atomic.Bool) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		if on.Load() {
			return 1
		}
		return 0
	})
}

// healthEvery is how often database and guard are looked at for the metrics,
// however many scrapes there are.
const (
	healthEvery    = 10 * time.Second
	healthPatience = 2 * time.Second
)

// watchHealth looks until ctx ends. Redis may go while nobody scans: it is asked,
// and not only remembered from the last scan.
func (s *server) watchHealth(ctx context.Context) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		s.lookAtHealth(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *server) lookAtHealth(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	up := s.store.Ready(bounded) == nil
	if ctx.Err() != nil {
		return // we are stopping, which says nothing about the database
	}
	s.upkeep.databaseUp.Store(up)
	s.upkeep.guardDegraded.Store(s.guard.Degraded())
}

// prune forgets spent nonces and stored answers that no path can need any more.
func (s *server) prune(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pruneEvery):
		}
		rows, err := s.store.Prune(ctx, time.Now())
		s.upkeep.pruned.Add(float64(rows))
		if err != nil {
			s.upkeep.pruneFailures.Inc()
			s.log.Warn("pruning failed", slog.Any("error", err))
			continue
		}
		s.upkeep.prunedAt.SetToCurrentTime()
		if rows > 0 {
			s.log.Info("pruned", slog.Int64("rows", rows))
		}
	}
}
