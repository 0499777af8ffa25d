package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/store"
	"stempel/internal/webhooks"
)

// webhookMetrics asks the database when somebody collects metrics: what waits is
// everybody's, what was delivered this process's.
type webhookMetrics struct {
	store      *store.Store
	dispatcher *webhooks.Dispatcher
	log        *slog.Logger
}

// backlogPatience is how long whoever collects metrics is kept waiting.
const backlogPatience = 2 * time.Second

var (
	webhooksDelivered = prometheus.NewDesc("stempel_webhooks_delivered_total", "Events that webhooks took from this process.", nil, nil)
	webhooksFailed    = prometheus.NewDesc("stempel_webhooks_failed_total", "Attempts of this process that were not taken.", nil, nil)
	webhooksWaiting   = prometheus.NewDesc("stempel_webhooks_waiting", "Cards with events that wait for an enabled webhook, of all processes.", nil, nil)
	webhooksDead      = prometheus.NewDesc("stempel_webhooks_dead", "Events that no webhook took in three days, of all processes.", nil, nil)
	webhooksOldest    = prometheus.NewDesc("stempel_webhooks_oldest_waiting_seconds", "Age of the oldest event that waits for an enabled webhook; 0 for none.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m webhookMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{webhooksDelivered, webhooksFailed, webhooksWaiting, webhooksDead, webhooksOldest} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. Without a database there is no backlog
// to tell of, and the rest of the page is needed all the more.
func (m webhookMetrics) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(webhooksDelivered, prometheus.CounterValue, float64(m.dispatcher.Delivered()))
	to <- prometheus.MustNewConstMetric(webhooksFailed, prometheus.CounterValue, float64(m.dispatcher.Failed()))
	ctx, cancel := context.WithTimeout(context.Background(), backlogPatience)
	defer cancel()
	backlog, err := m.store.Backlog(ctx)
	if err != nil {
		m.log.Warn("the backlog of webhooks is not known", slog.Any("error", err))
		return
	}
	age := 0.0
	if !backlog.Oldest.IsZero() {
		age = max(0, time.Since(backlog.Oldest).Seconds())
	}
	to <- prometheus.MustNewConstMetric(webhooksWaiting, prometheus.GaugeValue, float64(backlog.Waiting))
	to <- prometheus.MustNewConstMetric(webhooksDead, prometheus.GaugeValue, float64(backlog.Dead))
	to <- prometheus.MustNewConstMetric(webhooksOldest, prometheus.GaugeValue, age)
}
