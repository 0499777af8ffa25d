package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// lowCodesEvery is how often is looked for pools of partner codes that run low.
const lowCodesEvery = time.Minute

// codeMetrics say how pools stood when they were last looked at.
type codeMetrics struct{ low, empty prometheus.Gauge }

func newCodeMetrics(registry prometheus.Registerer) codeMetrics {
	m := codeMetrics{
		low: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "stempel_code_pools_low",
			Help: "Rewards that are codes of a partner, of which so few are left that the merchant wants to know.",
		}),
		empty: prometheus.NewGauge(prometheus.GaugeOpts{Name: "stempel_code_pools_empty", Help: "Of these, rewards of which none is left."}),
	}
	registry.MustRegister(m.low, m.empty)
	return m
}

// watchCodes looks after pools until ctx ends. Of all processes one tells of a pool
// that has become low, once.
func (s *server) watchCodes(ctx context.Context, metrics codeMetrics) {
	for {
		pools, err := s.store.LowPools(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			s.log.Warn("how many codes are left is not known", slog.Any("error", err))
		}
		if err == nil {
			empty := 0
			for _, p := range pools {
				if p.Left == 0 {
					empty++
				}
				if p.Fresh {
					s.log.Warn("a pool of codes runs low: import more", slog.String("merchant", p.Merchant.String()),
						slog.String("reward", p.Reward.ID.String()), slog.Int64("left", p.Left))
				}
			}
			metrics.low.Set(float64(len(pools)))
			metrics.empty.Set(float64(empty))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lowCodesEvery):
		}
	}
}
