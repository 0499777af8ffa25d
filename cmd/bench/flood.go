package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// flood presents one live credential many times at once, each time as a request
// of its own, over all processes and several tills.
type flood struct {
	shop      *shop
	client    *client
	presented int
	midway    func(context.Context) error // nil, or what happens once half are under way
}

// presentation is what one of them was told.
type presentation struct {
	till   till
	status int
	credit posting
	loser  problem
}

// run returns how many were credited and how many losers were not told properly
// when and where the credential had been used.
func (f *flood) run(ctx context.Context, card int) (credits, badlyTold int, err error) {
	credential, err := f.shop.live(card, time.Now())
	if err != nil {
		return 0, 0, err
	}
	var answered atomic.Int64
	told := make([]presentation, f.presented)
	errs := make([]error, f.presented)
	var all sync.WaitGroup
	start := make(chan struct{})
	present := func(i int) {
		all.Go(func() {
			<-start
			told[i], errs[i] = f.present(ctx, i, credential)
			answered.Add(1)
		})
	}
	first := f.presented
	if f.midway != nil {
		first /= 2
	}
	for i := range first {
		present(i)
	}
	close(start)
	if f.midway != nil {
		// While some of the first half are still being answered, and before the
		// other half comes.
		for answered.Load() < int64(first/2) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if err := f.midway(ctx); err != nil {
			return 0, 0, err
		}
		for i := first; i < f.presented; i++ {
			present(i)
		}
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, 0, err
	}
	credits, badlyTold = judgeFlood(told)
	return credits, badlyTold, nil
}

func (f *flood) present(ctx context.Context, i int, credential string) (presentation, error) {
	p := presentation{till: f.shop.tills[i%len(f.shop.tills)]}
	r, err := f.client.ask(ctx, i, scanCall(p.till, credential))
	if err != nil {
		return p, err
	}
	switch p.status = r.status; r.status {
	case http.StatusOK:
		p.credit, err = read[posting](r)
	case http.StatusConflict:
		p.loser, err = read[problem](r)
	default:
		err = fmt.Errorf("status %d: %.300s", r.status, r.body)
	}
	return p, err
}

// judgeFlood counts the credited, and the losers who were not told what the
// contract promises: when, at which till, and which entry to that till alone.
func judgeFlood(told []presentation) (credits, badlyTold int) {
	var winner presentation
	for _, p := range told {
		if p.status == http.StatusOK {
			credits++
			winner = p
		}
	}
	if credits != 1 || len(winner.credit.Entries) == 0 {
		return credits, len(told) - credits
	}
	won, entry := winner.till.ID.String(), winner.credit.Entries[0].ID
	for _, p := range told {
		if p.status == http.StatusOK {
			continue
		}
		may := ""
		if p.till.ID == winner.till.ID {
			may = entry
		}
		used := p.loser.Used
		if p.loser.Code != "credential_already_used" || used.At.IsZero() || used.Till != won || used.Entry != may || p.loser.Entry != may {
			badlyTold++
		}
	}
	return credits, badlyTold
}
