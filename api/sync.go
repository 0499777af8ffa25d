package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/offline"
)

// What one call may send.
const (
	maxSync     = 200       // items
	maxSyncBody = 512 << 10 // bytes
)

// SyncQueue takes what a till did without a network. A blocked till keeps it until it
// may send it: what it did before that is no less true.
func (s *Server) SyncQueue(c *fiber.Ctx) error {
	if err := s.working(c); err != nil {
		return err
	}
	var body gen.SyncRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	switch n := len(body.Items); {
	case n == 0:
		return missing("items")
	case n > maxSync:
		return invalid("items", "has more than 200 entries")
	}
	for i, item := range body.Items {
		if len(item) > offline.MaxLength {
			return invalid(fmt.Sprintf("items[%d]", i), "has more than 16384 bytes")
		}
	}
	p, now := principalOf(c), s.moment()
	sync := batch{server: s, till: &p, now: now, settled: map[loyalty.QueueItem]loyalty.Settled{}}
	if err := sync.run(c.UserContext(), body.Items); err != nil {
		return err
	}
	for i := range sync.results {
		s.metrics.synced.of(sync.results[i].State).Inc()
	}
	return s.json(c, http.StatusOK, gen.SyncResults{Results: sync.results, Now: now})
}

// batch is the items of one call.
type batch struct {
	server  *Server
	till    *principal
	now     time.Time
	items   []*offline.Item // nil where it was refused
	results []gen.SyncResult
	settled map[loyalty.QueueItem]loyalty.Settled // what became of items, for good
}

// run settles what can be settled. Errors: of reading what was settled before.
func (b *batch) run(ctx context.Context, texts []string) error {
	if err := b.admit(ctx, texts); err != nil {
		return err
	}
	fresh, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	b.settle(ctx, fresh)
	for i, item := range b.items {
		if item != nil {
			b.results[i] = resultOf(item, b.settled)
		}
	}
	return nil
}

// admit reads the items, and refuses what is none, or not of a queue of this till.
func (b *batch) admit(ctx context.Context, texts []string) error {
	b.items, b.results = make([]*offline.Item, len(texts)), make([]gen.SyncResult, len(texts))
	var named []loyalty.QueueID
	for i, text := range texts {
		item, err := offline.Parse(text)
		if err != nil {
			b.results[i] = gen.SyncResult{State: gen.SyncStateRefused, Code: gen.ProblemCodeItemMalformed, Detail: "This cannot be read as what a till did: " + err.Error() + "."}
			continue
		}
		b.items[i], named = item, append(named, item.Name.Queue)
	}
	if len(named) == 0 {
		return nil
	}
	queues, err := b.server.Store.Queues(ctx, b.till.Till.ID, named)
	if err != nil {
		return err
	}
	for i, item := range b.items {
		if item == nil {
			continue
		}
		queue, found := queues[item.Name.Queue]
		switch {
		case !found:
			b.refuse(i, gen.ProblemCodeQueueNotFound, "This till has no such queue.")
		case item.Verify(queue.Key) != nil:
			b.refuse(i, gen.ProblemCodeItemInvalid, "The item was not signed by its queue, or has been changed since.")
		}
	}
	return nil
}

func (b *batch) refuse(i int, code gen.ProblemCode, why string) {
	b.results[i] = itemResult(b.items[i], gen.SyncStateRefused)
	b.results[i].Code, b.results[i].Detail = code, why
	b.items[i] = nil
}

// fresh are the items that were not settled before, each once: the earlier capture
// before the later.
func (b *batch) fresh(ctx context.Context) ([]*syncing, error) {
	var names []loyalty.QueueItem
	for _, item := range b.items {
		if item != nil {
			names = append(names, item.Name)
		}
	}
	var err error
	if b.settled, err = b.server.Store.Settled(ctx, names); err != nil {
		return nil, err
	}
	var fresh []*syncing
	seen := map[loyalty.QueueItem]bool{}
	for _, item := range b.items {
		if item == nil || seen[item.Name] {
			continue
		}
		if _, done := b.settled[item.Name]; !done {
			fresh = append(fresh, b.server.begin(ctx, b.till, item, b.now))
		}
		seen[item.Name] = true
	}
	slices.SortFunc(fresh, earlier)
	return fresh, nil
}

// earlier orders items by capture, then as their queue has them. Of two with one
// number in it, the lower hash stands for the first to arrive.
func earlier(a, b *syncing) int {
	first, second := a.item.Name.Slot(), b.item.Name.Slot()
	return cmp.Or(
		a.command.Captured.Compare(b.command.Captured), bytes.Compare(first[:], second[:]),
		bytes.Compare(a.item.Name.Hash[:], b.item.Name.Hash[:]),
	)
}

func itemResult(item *offline.Item, state gen.SyncState) gen.SyncResult {
	return gen.SyncResult{
		Counter: item.Name.Counter, Hash: base64.RawURLEncoding.EncodeToString(item.Name.Hash[:]), State: state,
	}
}

func resultOf(item *offline.Item, settled map[loyalty.QueueItem]loyalty.Settled) gen.SyncResult {
	became, known := settled[item.Name]
	switch {
	case !known:
		return itemResult(item, gen.SyncStateLater)
	case !became.Entry.IsZero():
		result := itemResult(item, gen.SyncStatePosted)
		result.Entry = became.Entry
		return result
	}
	result := itemResult(item, gen.SyncStateContested)
	result.Contested, result.Code, result.Detail = became.Contested, gen.ProblemCode(became.Code), became.Detail
	return result
}
