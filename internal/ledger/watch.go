package ledger

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

// Meter is told how posting goes, for metrics. The workers call it: it must
// neither block nor remember commands.
type Meter interface {
	Batch(commands int)          // a batch was taken, of so many
	Waited(queued time.Duration) // and one of its commands had queued so long
	Asked(took time.Duration)    // a trip to the guard, successful or not
	Read(took time.Duration)     // the first trip to the database: locks and facts
	Wrote(took time.Duration)    // the second: entries and commit, with the answers made meanwhile
	Replay(guard bool)           // a used code was refused, by the guard or by the database
	Override(of loyalty.Limit)   // a limit was lifted by a manager's PIN
}

// unmeasured is for whoever wants no metrics.
type unmeasured struct{}

func (unmeasured) Batch(int)              {}
func (unmeasured) Waited(time.Duration)   {}
func (unmeasured) Asked(time.Duration)    {}
func (unmeasured) Read(time.Duration)     {}
func (unmeasured) Wrote(time.Duration)    {}
func (unmeasured) Replay(bool)            {}
func (unmeasured) Override(loyalty.Limit) {}

// batch is what is taken from the queue at once.
type batch struct {
	waiters []*waiter
	span    trace.Span // in the trace of the first command that is followed
}

// follow makes a batch of commands. Its span stands below that of the first one
// that is followed, and is linked with the others both ways: they lead traces of
// their own.
func follow(waiters []*waiter) batch {
	b := batch{waiters, tracing.Off}
	for _, one := range waiters {
		switch {
		case !one.span.IsRecording():
		case !b.span.IsRecording():
			_, b.span = tracing.Start(trace.ContextWithSpan(context.Background(), one.span), "post batch")
			b.span.SetAttributes(attribute.Int("stempel.batch.commands", len(waiters)))
		default:
			b.span.AddLink(trace.Link{SpanContext: one.span.SpanContext()})
			one.span.AddLink(trace.Link{SpanContext: b.span.SpanContext()})
		}
	}
	return b
}

// within is a context for what is done for the batch.
func (b *batch) within(ctx context.Context) context.Context {
	if !b.span.IsRecording() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, b.span)
}

// measure tells how long the commands of a batch have queued.
func (w *worker) measure(waiters []*waiter) {
	meter := w.ledger.config.Meter
	now := time.Now()
	meter.Batch(len(waiters))
	for _, one := range waiters {
		meter.Waited(now.Sub(one.since))
	}
}

// trips follows one attempt at a batch to the database and back, twice.
type trips struct {
	meter Meter
	began time.Time // of the trip under way
	ctx   context.Context
	span  trace.Span
}

func (w *worker) depart(ctx context.Context) *trips {
	t := &trips{meter: w.ledger.config.Meter, began: time.Now(), ctx: ctx}
	_, t.span = tracing.Start(ctx, "database read")
	return t
}

// arrived says that the facts are here. A store that has to begin again brings
// them once more: what it lost until then counts as reading.
func (t *trips) arrived() {
	t.meter.Read(time.Since(t.began))
	tracing.End(t.span, nil)
}

// goOn says that all is decided, and what is to be written leaves.
func (t *trips) goOn() {
	t.began = time.Now()
	_, t.span = tracing.Start(t.ctx, "database write")
}

// done says how the last trip under way ended.
func (t *trips) done(err error) {
	if err == nil {
		t.meter.Wrote(time.Since(t.began))
	}
	tracing.End(t.span, err)
}

// unlessRefused is what went wrong on our side. A refusal is an answer.
func unlessRefused(err error) error {
	if _, refused := err.(*loyalty.Refusal); refused {
		return nil
	}
	return err
}

// overridden tells of the limits that a posted command went beyond.
func (w *worker) overridden(c *loyalty.Command, d *loyalty.Decision) {
	if d == nil {
		return
	}
	if e := d.Primary(c.Kind()); e != nil {
		for _, limit := range e.Lifted.List() {
			w.ledger.config.Meter.Override(limit)
		}
	}
}

// replayed tells of a used code that the database refused.
func (w *worker) replayed(err error) {
	if refusal, ok := err.(*loyalty.Refusal); ok && refusal.Code == loyalty.CredentialUsed {
		w.ledger.config.Meter.Replay(false)
	}
}
