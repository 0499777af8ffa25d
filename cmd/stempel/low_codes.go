package main

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stempel/api"
	"stempel/internal/jobs"
	"stempel/internal/loyalty"
	"stempel/internal/store"
)

// lowCodesJob tells a webhook that few codes are left in a pool.
const lowCodesJob = "low_codes"

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

// lowCodes is what its job is for.
type lowCodes struct {
	Webhook  loyalty.WebhookID  `json:"webhook"`
	Merchant loyalty.MerchantID `json:"merchant"`
	Reward   loyalty.RewardID   `json:"reward"`
	Name     string             `json:"name"`
	Left     int64              `json:"left"`
	Since    int64              `json:"since"` // µs since 1970
}

// watchCodes looks after pools until ctx ends. Of all processes one tells of a pool
// that has become low, once.
func (s *server) watchCodes(ctx context.Context, metrics codeMetrics) {
	for {
		if err := s.watchCodesOnce(ctx, metrics, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("how many codes are left is not known", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lowCodesEvery):
		}
	}
}

func (s *server) watchCodesOnce(ctx context.Context, metrics codeMetrics, now time.Time) error {
	pools, err := s.store.LowPools(ctx, now, s.putDownLow(ctx))
	if err != nil {
		return err
	}
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
	return nil
}

// putDownLow makes a job for each webhook that is to be told.
func (s *server) putDownLow(ctx context.Context) store.TellLow {
	return func(tx *sql.Tx, p *loyalty.LowPool, hooks []loyalty.Webhook) error {
		all := make([]jobs.Job, len(hooks))
		for i := range hooks {
			all[i] = jobs.Job{Kind: lowCodesJob, Args: lowCodes{
				Webhook: hooks[i].ID, Merchant: p.Merchant, Reward: p.Reward.ID, Name: p.Reward.Name, Left: p.Left, Since: p.Since.UnixMicro(),
			}}
		}
		return s.jobs.Add(ctx, tx, all...)
	}
}

// tellLowCodes makes one attempt.
func (s *server) tellLowCodes(ctx context.Context, job lowCodes) error {
	p := loyalty.LowPool{
		Merchant: job.Merchant, Reward: loyalty.Reward{ID: job.Reward, Name: job.Name}, Left: job.Left, Since: time.UnixMicro(job.Since).UTC(),
	}
	body, err := api.RenderLowCodes(&p)
	if err != nil {
		return jobs.GiveUp(err)
	}
	return s.tell(ctx, job.Merchant, job.Webhook, p.ID(), body)
}
