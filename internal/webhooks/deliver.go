package webhooks

import (
	"context"
	"log/slog"
	"time"

	"stempel/internal/loyalty"
)

// atOnce is how many entries of a card are told before others have their turn.
const atOnce = 20

// deliver tells a webhook the next entries of one card, in order, up to the first
// that it does not take, and settles. What began is finished although ctx ends:
// a half-told delivery would be told again.
func (d *Dispatcher) deliver(ctx context.Context, w *loyalty.Webhook, c *loyalty.Leased, claimed time.Time) {
	steady := context.WithoutCancel(ctx)
	became, err := d.tell(ctx, steady, w, c, claimed.Add(lease/2))
	if err == nil {
		var settled bool
		if settled, err = d.Store.SettleDelivery(steady, c, became); err == nil && !settled {
			d.Log.Warn("webhooks: a delivery was no longer ours to settle", slog.String("webhook", w.ID.String()))
		}
	}
	if err != nil { // its lease ends, and then it is told again
		d.Log.Warn("webhooks: cannot settle a delivery", slog.String("webhook", w.ID.String()), slog.Any("error", err))
	}
}

func (d *Dispatcher) tell(ctx, steady context.Context, w *loyalty.Webhook, c *loyalty.Leased, until time.Time) (*loyalty.Settlement, error) {
	kinds := w.Kinds
	if c.Dead { // it was wanted when it was noted
		kinds = loyalty.AllKinds
	}
	entries, err := d.Store.DeliveryEntries(steady, &c.Delivery, kinds, c.First, atOnce)
	if err != nil {
		return nil, err
	}
	became := &loyalty.Settlement{Through: c.First - 1}
	for i := range entries {
		if i > 0 && (ctx.Err() != nil || !d.Now().Before(until)) {
			became.At = d.Now()
			return became, nil
		}
		e := &entries[i]
		outcome, err := d.send(steady, w, e)
		if err != nil {
			return nil, err
		}
		if !outcome.Taken() {
			d.failed.Add(1)
			d.judge(w, c, e, outcome, became)
			return became, nil
		}
		d.delivered.Add(1)
		became.Through = e.Seq
	}
	if len(entries) < atOnce { // the rest are of kinds that it is not told of
		became.Through = c.Last
	}
	became.At = d.Now()
	return became, nil
}

func (d *Dispatcher) send(ctx context.Context, w *loyalty.Webhook, e *loyalty.Entry) (Outcome, error) {
	body, err := d.Render(e)
	if err != nil {
		return Outcome{}, err
	}
	return d.Sender.Send(ctx, w, e.ID.String(), d.Now(), body), nil
}

// judge says how to go on after an entry was not taken.
func (d *Dispatcher) judge(w *loyalty.Webhook, c *loyalty.Leased, e *loyalty.Entry, o Outcome, became *loyalty.Settlement) {
	now := d.Now()
	attempts, failures, since := int64(1), int64(1), now
	if e.Seq == c.First {
		attempts = c.Attempts + 1
	}
	if became.Through < c.First { // no success before it
		failures = w.Failures + 1
		if !w.FailingSince.IsZero() {
			since = w.FailingSince
		}
	}
	became.Next, became.NextSeq, became.At = e.ID, e.Seq, now
	became.Status, became.Problem = int64(o.Status), o.Problem
	if !c.Dead {
		became.Due = dueAfter(attempts, now)
	}
	became.Rest = restAfterFailure(failures, now)
	became.Disable = now.Sub(since) >= giveUpAfter
}
