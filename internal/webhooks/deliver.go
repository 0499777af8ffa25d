package webhooks

import (
	"context"
	"errors"
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
	became, err := d.tell(ctx, steady, w, c, claimed.Add(turn))
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

// errLate says that the database took so long that the lease might end while the
// first event is under way.
var errLate = errors.New("the turn was over before it began")

// tell makes the deliveries. It begins none at until, or after.
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
		late := !d.Now().Before(until)
		switch {
		case i == 0 && late:
			return nil, errLate
		case i > 0 && (late || ctx.Err() != nil):
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
			d.judge(c, e, outcome, became)
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
func (d *Dispatcher) judge(c *loyalty.Leased, e *loyalty.Entry, o Outcome, became *loyalty.Settlement) {
	now := d.Now()
	attempts := int64(1)
	if e.Seq == c.First {
		attempts = c.Attempts + 1
	}
	became.Next, became.NextSeq, became.At = e.ID, e.Seq, now
	became.Status, became.Problem = int64(o.Status), o.Problem
	if !c.Dead {
		became.Due = dueAfter(attempts, now)
	}
	became.Judge = func(failures int64, since time.Time) (rest time.Time, giveUp bool) {
		return restAfterFailure(failures, now), now.Sub(since) >= giveUpAfter
	}
}
