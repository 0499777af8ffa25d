package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/internal/keys"
)

// watch shows the state of what has no metrics of its own.
func (s *server) watch(registry *prometheus.Registry) {
	registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "stempel_posting_queue_length", Help: "Commands that wait to be posted.",
		}, func() float64 { return float64(s.ledger.Waiting()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "stempel_guard_missed_total",
			Help: "Questions that Redis did not answer, those not asked while it was left alone included.",
		}, func() float64 {
			if redis, ok := s.guard.(interface{ Missed() int64 }); ok {
				return float64(redis.Missed())
			}
			return 0
		}),
		keyAges{s.ring, time.Now},
	)
}

// keyAges tells for how long the keys in use have signed.
type keyAges struct {
	ring *keys.Ring
	now  func() time.Time
}

var keyAge = prometheus.NewDesc("stempel_signing_key_age_seconds",
	"For how long the key that signs now has done so, by purpose. The pin key is not told: it never rotates.", []string{"purpose"}, nil)

// Describe is of prometheus.Collector.
func (k keyAges) Describe(to chan<- *prometheus.Desc) { to <- keyAge }

// Collect is of prometheus.Collector.
func (k keyAges) Collect(to chan<- prometheus.Metric) {
	now := k.now()
	for _, key := range k.ring.List(now) {
		if key.State == keys.InUse && key.Purpose != keys.PIN {
			age := max(0, now.Sub(key.SignsFrom).Seconds())
			to <- prometheus.MustNewConstMetric(keyAge, prometheus.GaugeValue, age, string(key.Purpose))
		}
	}
}
