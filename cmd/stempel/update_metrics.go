package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/jobs"
	"stempel/internal/store"
)

// updateMetrics asks the database when somebody collects metrics: what waits is
// everybody's.
type updateMetrics struct {
	store *store.Store
	jobs  *jobs.Runner
	log   *slog.Logger
}

var (
	cardsWaiting = prometheus.NewDesc("stempel_passes_waiting", "Cards that changed and whose passes have not been looked at since, of all processes.", nil, nil)
	cardsOldest  = prometheus.NewDesc("stempel_passes_oldest_waiting_seconds", "For how long the first of them, or of the changes that all cards of a program show, has waited; 0 for none.", nil, nil)
	jobsWaiting  = prometheus.NewDesc("stempel_jobs_waiting", "Updates of wallets, letters and reminders that are to be sent or sent again, of all processes, up to 1000 of each kind.", byKind, nil)
	jobsOldest   = prometheus.NewDesc("stempel_jobs_oldest_waiting_seconds", "Age of the oldest of them; 0 for none.", byKind, nil)
	jobsDead     = prometheus.NewDesc("stempel_jobs_dead", "Updates of wallets, letters and reminders that failed for good (stempel jobs dead), of all processes, up to 1000 of each kind.", byKind, nil)
)

var byKind = []string{"kind"}

// mostCounted bounds what is read to count jobs.
const mostCounted = 1000

// Describe implements prometheus.Collector.
func (m updateMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{cardsWaiting, cardsOldest, jobsWaiting, jobsOldest, jobsDead} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. Without a database nobody knows what
// waits, and the rest of the page is needed all the more.
func (m updateMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), backlogPatience)
	defer cancel()
	cards, dirtySince, err := m.store.Waiting(ctx)
	if err != nil {
		m.log.Warn("which passes wait is not known", slog.Any("error", err))
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(cardsWaiting, float64(cards))
	gauge(cardsOldest, ageOf(dirtySince))
	for _, kind := range jobKinds {
		waiting, since, err := m.jobs.Backlog(ctx, mostCounted, kind)
		if err != nil {
			m.log.Warn("which jobs wait is not known", slog.Any("error", err))
			return
		}
		dead, err := m.jobs.Dead(ctx, 0, mostCounted, kind)
		if err != nil {
			m.log.Warn("which jobs failed is not known", slog.Any("error", err))
			return
		}
		gauge(jobsWaiting, float64(waiting), kind)
		gauge(jobsOldest, ageOf(since), kind)
		gauge(jobsDead, float64(len(dead)), kind)
	}
}

// ageOf is how many seconds ago something was; 0 for never.
func ageOf(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(0, time.Since(at).Seconds())
}
