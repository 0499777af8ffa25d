package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"stempel/passes/apple"
)

// appleMetrics counts what became of this process's pushes.
type appleMetrics struct {
	pusher *apple.Pusher // nil: nobody would believe it
}

var applePushes = prometheus.NewDesc("stempel_apple_pushes_total", "Pushes that this process sent to iPhones, by how that ended.", []string{"outcome"}, nil)

// Describe implements prometheus.Collector.
func (m appleMetrics) Describe(to chan<- *prometheus.Desc) { to <- applePushes }

// Collect implements prometheus.Collector.
func (m appleMetrics) Collect(to chan<- prometheus.Metric) {
	for _, result := range apple.Results() {
		var answers int64
		if m.pusher != nil {
			answers = m.pusher.Answers(result)
		}
		to <- prometheus.MustNewConstMetric(applePushes, prometheus.CounterValue, float64(answers), result.String())
	}
}
