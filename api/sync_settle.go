package api

import (
	"context"
	"errors"
	"net/http"

	"stempel/internal/ledger"
	"stempel/internal/loyalty"
)

// settle posts items and contests those that the ledger does not take, in their order.
// What is not known then is left out of settled.
func (b *batch) settle(ctx context.Context, items []*syncing) {
	for len(items) > 0 {
		n := counted(items)
		b.post(ctx, items[:n])
		b.contest(ctx, items[:n])
		items = items[n:]
	}
}

// counted is how many of the first items can be settled at once: a reward is counted
// against its lease, posted or contested, before the lease has another one.
func counted(items []*syncing) int {
	used := map[loyalty.LeaseID]bool{}
	for n, i := range items {
		if lease := i.contested.Lease; !lease.IsZero() {
			if used[lease] {
				return n
			}
			used[lease] = true
		}
	}
	return len(items)
}

// post posts those items that can be.
func (b *batch) post(ctx context.Context, items []*syncing) {
	sound := make([]*syncing, 0, len(items))
	for _, i := range items {
		if i.err == nil {
			sound = append(sound, i)
		}
	}
	commands := make([]loyalty.Command, len(sound))
	for n, i := range sound {
		commands[n] = i.command
	}
	for n, posted := range b.server.Ledger.PostMany(ctx, commands, renderItem) {
		b.posted(ctx, sound[n], posted)
	}
}

// posted notes what became of a command. One that met a merged card goes on to the
// survivor.
func (b *batch) posted(ctx context.Context, i *syncing, became ledger.Posted) {
	for follow(&i.command, became.Err) {
		became.Answer, became.Err = b.server.Ledger.Post(ctx, i.command, renderItem(&i.command))
	}
	if i.err = became.Err; i.err != nil {
		return
	}
	entry, err := loyalty.ParseID[loyalty.EntryID](string(became.Answer.Body))
	if i.err = err; err == nil {
		b.settled[i.item.Name] = loyalty.Settled{Entry: entry}
	}
}

// renderItem answers an item with its entry.
func renderItem(c *loyalty.Command) ledger.Render {
	kind := c.Kind()
	return func(d *loyalty.Decision) (loyalty.Answer, error) {
		return loyalty.Answer{Status: http.StatusOK, Body: []byte(d.Primary(kind).ID.String())}, nil
	}
}

// contest lists what was refused, and finds what was settled by another call
// meanwhile.
func (b *batch) contest(ctx context.Context, items []*syncing) {
	var rows []loyalty.Contested
	var meanwhile []loyalty.QueueItem
	for _, i := range items {
		var refusal *loyalty.Refusal
		switch {
		case errors.Is(i.err, loyalty.ErrItemSettled):
			meanwhile = append(meanwhile, i.item.Name)
		case errors.As(i.err, &refusal) && !aboutTill(refusal.Code):
			i.contested.Code, i.contested.Detail = refusal.Code, refusal.Message
			rows = append(rows, i.contested)
		}
	}
	b.learn(b.server.Store.Settled(ctx, meanwhile))
	if len(rows) > 0 {
		b.learn(b.server.Store.Contest(ctx, rows))
	}
}

// aboutTill are refusals of the till, which change. They say nothing of an item.
func aboutTill(code loyalty.Code) bool {
	return code == loyalty.TillRevoked || code == loyalty.TillBlocked
}

func (b *batch) learn(settled map[loyalty.QueueItem]loyalty.Settled, err error) {
	if err != nil {
		b.server.log.Error("offline items are left for later", "error", err)
		return
	}
	for name, became := range settled {
		b.settled[name] = became
	}
}
