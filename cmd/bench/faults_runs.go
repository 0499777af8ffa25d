package main

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// guard is a way to set the guards of several processes up.
type guard struct {
	name     string
	redisURL string // empty: each process has one of its own

	// midway is what happens to it while a credential is presented; nil for nothing.
	midway func(context.Context) error
}

func (s *site) guards() []guard {
	return []guard{
		{name: "one guard for all", redisURL: s.redis.URL()},
		{name: "flushed midway", redisURL: s.redis.URL(), midway: s.flushRedis},
		{name: "a guard for each"},
	}
}

// flood presents some credentials, of the cards from that number on, each many
// times at once, to processes with such guards.
func (f *faultsCommand) flood(ctx context.Context, s *site, shop *shop, with guard, firstCard int) (floodOutcome, error) {
	note("flood, %s: %d at once, %d times", with.name, f.Presented, f.Floods)
	outcome := floodOutcome{name: with.name, credentials: f.Floods, presented: f.Floods * f.Presented}
	servers, err := s.serveSeveral(ctx, apiProcesses, s.onPostgres(), with.redisURL)
	if err != nil {
		return outcome, err
	}
	tills := newClient(addresses(servers), f.Presented)
	defer tills.close()
	run := flood{shop: shop, client: tills, presented: f.Presented, midway: with.midway}
	for card := firstCard; card < firstCard+f.Floods; card++ {
		credits, badlyTold, err := run.run(ctx, card)
		if err != nil {
			return outcome, err
		}
		outcome.credits += credits
		outcome.badlyTold += badlyTold
	}
	if err := stopAll(servers); err != nil {
		return outcome, err
	}
	entries, err := shop.entries(ctx, shop.cards[firstCard:][:f.Floods])
	outcome.earns = earns(entries)
	return outcome, err
}

// flushRedis makes Redis forget everything.
func (s *site) flushRedis(ctx context.Context) error {
	options, err := redis.ParseURL(s.redis.URL())
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return client.FlushAll(ctx).Err()
}

// storm makes the intended scans, or more, and compares what tills and a receiver
// of webhooks were told with the ledger, which must also prove itself.
func (f *faultsCommand) storm(ctx context.Context, s *site, o stormOutcome, kept storage, shop *shop, servers []*server, plan []fault) (stormOutcome, error) {
	note("storm on %s: %d scans from %d tills", o.name, o.scans, f.Tills)
	tills := newClient(addresses(servers), f.Tills)
	defer tills.close()
	listener, err := openReceiver()
	if err != nil {
		return o, err
	}
	defer listener.close()
	if err := listener.register(ctx, tills, shop.admin); err != nil {
		return o, err
	}
	run := &storm{shop: shop, client: tills, cards: stormCards(o.scans), scans: o.scans, faults: plan}
	told, err := run.run(ctx)
	if err != nil {
		return o, fmt.Errorf("storm on %s: %w", o.name, err)
	}
	entries, err := shop.entries(ctx, shop.cards[:stormCards(o.scans)])
	if err != nil {
		return o, err
	}
	began := time.Now()
	o.hearing = listener.await(ctx, entries)
	note("the webhook was told %d of %d entries, %s after the last scan", o.told, len(entries), time.Since(began).Round(time.Second/10))
	if err := stopAll(servers); err != nil {
		return o, err
	}
	o.scans = int(run.taken.Load())
	o.verdict, o.faults, o.retries = told.judge(entries), len(plan), int(tills.retries.Load())
	o.audit = s.audit(ctx, kept)
	return o, nil
}
