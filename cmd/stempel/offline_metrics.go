package main

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/store"
)

// offlineMetrics asks the database when somebody collects metrics: what is contested
// waits for the owners, whichever process it was sent to.
type offlineMetrics struct {
	store *store.Store
	log   *slog.Logger
}

var (
	contestedOpen   = prometheus.NewDesc("stempel_offline_contested_open", "What tills did without a network, the ledger did not take and no owner has settled yet, of all processes.", nil, nil)
	contestedLosses = prometheus.NewDesc("stempel_offline_losses_open", "Of these, rewards that were handed out.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m offlineMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- contestedOpen
	to <- contestedLosses
}

// Collect implements prometheus.Collector.
func (m offlineMetrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), backlogPatience)
	defer cancel()
	open, losses, err := m.store.ContestedBacklog(ctx)
	if err != nil {
		m.log.Warn("what is contested is not known", slog.Any("error", err))
		return
	}
	to <- prometheus.MustNewConstMetric(contestedOpen, prometheus.GaugeValue, float64(open))
	to <- prometheus.MustNewConstMetric(contestedLosses, prometheus.GaugeValue, float64(losses))
}
