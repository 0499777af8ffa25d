package main

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"stempel/api"
	"stempel/internal/jobs"
	"stempel/internal/loyalty"
)

// reminderJob tells a webhook that points of a card run out soon.
const reminderJob = "reminder"

// How often is looked for what runs out soon, and how much is noted at a time: then
// comes a rest of twice the time that it took.
const (
	remindEvery    = 10 * time.Minute
	remindTogether = 64
	remindRest     = 2
	remindTurn     = time.Minute
)

// reminder is what its job is for.
type reminder struct {
	Webhook  loyalty.WebhookID  `json:"webhook"`
	Merchant loyalty.MerchantID `json:"merchant"`
	Card     loyalty.CardID     `json:"card"`
	Program  loyalty.ProgramID  `json:"program"`
	Balance  int64              `json:"balance"`
	Units    int64              `json:"units"`
	Expires  int64              `json:"expires"` // µs since 1970
	At       int64              `json:"at"`      // likewise
}

func (r *reminder) reminds() loyalty.Reminder {
	return loyalty.Reminder{
		Card: r.Card, Program: r.Program, Merchant: r.Merchant, Balance: r.Balance, Units: r.Units,
		Expires: time.UnixMicro(r.Expires).UTC(), At: time.UnixMicro(r.At).UTC(),
	}
}

// remind notes what runs out soon until ctx ends.
func (s *server) remind(ctx context.Context) {
	holder := loyalty.NewID()
	for {
		noted, err := s.remindOnce(ctx, holder, time.Now().UTC().Truncate(time.Microsecond))
		if noted > 0 {
			s.log.Info("points run out soon: webhooks are told", slog.Int("cards", noted))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("what runs out soon could not be noted: it is tried again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(remindEvery):
		}
	}
}

// remindOnce goes through all programs that remind, unless another process is at it.
func (s *server) remindOnce(ctx context.Context, holder [16]byte, now time.Time) (noted int, err error) {
	programs, err := s.store.Reminding(ctx)
	for _, p := range programs {
		if err == nil {
			var more int
			more, err = s.remindOf(ctx, p, holder, now)
			noted += more
		}
	}
	return noted, err
}

// remindOf notes all of one program, a few cards at a time.
func (s *server) remindOf(ctx context.Context, p *loyalty.Program, holder [16]byte, now time.Time) (noted int, err error) {
	until := now.Add(time.Duration(p.Lots.Remind) * 24 * time.Hour)
	for after := (loyalty.Due{}); ; {
		at := time.Now()
		if has, err := s.store.TakeTurn(ctx, "remind", holder, at, at.Add(remindTurn)); err != nil || !has {
			return noted, err
		}
		list, err := s.store.Unreminded(ctx, p.ID, now, until, after, remindTogether)
		if err != nil || len(list) == 0 {
			return noted, err
		}
		more, err := s.store.Remind(ctx, list, s.putDown(ctx))
		noted += more
		if err != nil || len(list) < remindTogether {
			return noted, err
		}
		last := &list[len(list)-1]
		after = loyalty.Due{At: last.Expires, Card: last.Card}
		select {
		case <-ctx.Done():
			return noted, ctx.Err()
		case <-time.After(remindRest * time.Since(at)):
		}
	}
}

// putDown makes a job for each webhook that is to be told.
func (s *server) putDown(ctx context.Context) func(*sql.Tx, []loyalty.Reminder, []loyalty.Webhook) error {
	return func(tx *sql.Tx, list []loyalty.Reminder, hooks []loyalty.Webhook) error {
		var all []jobs.Job
		for i := range list {
			r := &list[i]
			for j := range hooks {
				if hooks[j].Merchant == r.Merchant {
					all = append(all, jobs.Job{Kind: reminderJob, Args: reminder{
						Webhook: hooks[j].ID, Merchant: r.Merchant, Card: r.Card, Program: r.Program, Balance: r.Balance,
						Units: r.Units, Expires: r.Expires.UnixMicro(), At: r.At.UnixMicro(),
					}})
				}
			}
		}
		return s.jobs.Add(ctx, tx, all...)
	}
}

// tellReminder makes one attempt.
func (s *server) tellReminder(ctx context.Context, job reminder) error {
	r := job.reminds()
	body, err := api.RenderReminder(&r)
	if err != nil {
		return jobs.GiveUp(err)
	}
	return s.tell(ctx, job.Merchant, job.Webhook, r.ID(), body)
}
