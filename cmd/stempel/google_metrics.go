package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/store"
	"stempel/passes/google"
)

// googleMetrics asks the database when somebody collects metrics: what waits is
// everybody's, what was answered this process's.
type googleMetrics struct {
	store  *store.Store
	wallet *google.Wallet // nil: not set up
	log    *slog.Logger
}

var (
	googleUpdates = prometheus.NewDesc("stempel_google_updates_total", "Passes that this process sent to Google, by how that ended.", []string{"outcome"}, nil)
	googleWaiting = prometheus.NewDesc("stempel_google_waiting", "Passes that Google does not show as they are, of all processes.", nil, nil)
	googleOldest  = prometheus.NewDesc("stempel_google_oldest_waiting_seconds", "For how long the first of them has waited; 0 for none.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m googleMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{googleUpdates, googleWaiting, googleOldest} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. Without a database nobody knows what
// waits, and the rest of the page is needed all the more.
func (m googleMetrics) Collect(to chan<- prometheus.Metric) {
	for _, outcome := range google.Outcomes() {
		var answers int64
		if m.wallet != nil {
			answers = m.wallet.Answers(outcome)
		}
		to <- prometheus.MustNewConstMetric(googleUpdates, prometheus.CounterValue, float64(answers), outcome.String())
	}
	ctx, cancel := context.WithTimeout(context.Background(), backlogPatience)
	defer cancel()
	waiting, oldest, err := m.store.GoogleBacklog(ctx)
	if err != nil {
		m.log.Warn("what waits for Google is not known", slog.Any("error", err))
		return
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, time.Since(oldest).Seconds())
	}
	to <- prometheus.MustNewConstMetric(googleWaiting, prometheus.GaugeValue, float64(waiting))
	to <- prometheus.MustNewConstMetric(googleOldest, prometheus.GaugeValue, age)
}
