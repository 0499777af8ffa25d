package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"stempel/internal/engines"
)

// redundant are Redis servers that stand for one another. A master of them is
// killed while tills scan.
type redundant struct {
	name   string // as in the tables
	prefix string // of its figures
	url    string // as REDIS_URL
	kill   func(context.Context) (*engines.Redis, error)
	// replaced waits until another server has taken the killed one's place; nil
	// where nobody does, and it has to come back itself.
	replaced func(ctx context.Context, old *engines.Redis) error
	// whole waits until all is as before the kill.
	whole func(context.Context) error
}

func (f *faultsCommand) onSentinel(ctx context.Context, s *site, all *outcomes) error {
	deployment, err := engines.StartSentinel(ctx)
	if err != nil {
		return err
	}
	defer deployment.Stop()
	return f.failover(ctx, s, all, redundant{
		name: "failover by Sentinel", prefix: "sentinel_",
		url:  "redis+sentinel://:" + deployment.Password() + "@" + deployment.Host() + "/" + engines.MasterName,
		kill: deployment.KillMaster, replaced: deployment.Promoted,
		whole: func(context.Context) error { return nil }, // the replica that it becomes is not needed
	})
}

func (f *faultsCommand) onCluster(ctx context.Context, s *site, all *outcomes) error {
	for _, replicas := range []bool{true, false} {
		if err := f.inCluster(ctx, s, all, replicas); err != nil {
			return err
		}
	}
	return nil
}

// inCluster loses one of three masters: with replicas one takes over, without them
// a third of the slots is gone until it is back.
func (f *faultsCommand) inCluster(ctx context.Context, s *site, all *outcomes, replicas bool) error {
	deployment, err := engines.StartCluster(ctx, engines.ClusterOptions{Replicas: replicas, Partial: !replicas})
	if err != nil {
		return err
	}
	defer deployment.Stop()
	r := redundant{
		name: "Cluster without a third", prefix: "cluster_third_",
		url:  "redis+cluster://:" + deployment.Password() + "@" + deployment.Hosts(),
		kill: deployment.KillMaster, whole: deployment.Whole,
	}
	if replicas {
		r.name, r.prefix = "failover in a Cluster", "cluster_"
		r.replaced = func(ctx context.Context, _ *engines.Redis) error { return deployment.Whole(ctx) }
	}
	return f.failover(ctx, s, all, r)
}

// failover sends three processes through a storm and a flood, losing a master in
// each.
func (f *faultsCommand) failover(ctx context.Context, s *site, all *outcomes, r redundant) error {
	scans := max(f.Scans/8, scansPerCard) // and as many more as fit into a failover
	shop, err := seed(ctx, s.onPostgres().url(), s.master, f.Tills, stormCards(scans)+f.Floods)
	if err != nil {
		return err
	}
	servers, err := s.serveSeveral(ctx, apiProcesses, s.onPostgres(), r.url)
	if err != nil {
		return err
	}
	if err := eachSays(ctx, servers, "ready"); err != nil {
		return err
	}
	storm, err := f.storm(ctx, s, stormOutcome{name: r.name, prefix: r.prefix, scans: scans},
		s.onPostgres(), shop, servers, r.faults(servers))
	if err != nil {
		return err
	}
	all.storms = append(all.storms, storm)
	killed := false
	flood, err := f.flood(ctx, s, shop, guard{name: r.name, redisURL: r.url, midway: func(ctx context.Context) error {
		if killed { // the other credentials come while it is away
			return nil
		}
		killed = true
		_, err := r.kill(ctx)
		return err
	}}, stormCards(scans))
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	all.floods = append(all.floods, flood)
	return nil
}

// faults is the plan: a master goes, which all processes notice; then it is
// replaced, or comes back, which they notice too.
func (r *redundant) faults(servers []*server) []fault {
	var old *engines.Redis
	return []fault{
		{0.1, "kill a master", func(ctx context.Context) (err error) {
			if old, err = r.kill(ctx); err != nil {
				return err
			}
			return eachSays(ctx, servers, "degraded")
		}},
		{0.2, "let the master be replaced", func(ctx context.Context) error {
			if r.replaced == nil {
				return nil
			}
			return errors.Join(r.replaced(ctx, old), eachSays(ctx, servers, "ready"))
		}},
		{0.60, "restart the master", func(ctx context.Context) error {
			return errors.Join(old.Restart(ctx), r.whole(ctx), eachSays(ctx, servers, "ready"))
		}},
	}
}

// eachSays waits until /readyz of every server has had that status.
func eachSays(ctx context.Context, servers []*server, status string) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	failed := make(chan error)
	for _, one := range servers {
		go func() {
			for !one.says(ctx, status) {
				select {
				case <-ctx.Done():
					failed <- fmt.Errorf("/readyz of %s never said %s: %w", one.address, status, ctx.Err())
					return
				case <-time.After(pollEvery):
				}
			}
			failed <- nil
		}()
	}
	var errs []error
	for range servers {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

// says reports whether /readyz has that status now.
func (s *server) says(ctx context.Context, status string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	return err == nil && strings.Contains(string(body), `"status":"`+status+`"`)
}
