package ledger

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"stempel/internal/loyalty"
)

// Commands that share a batch have traces of their own: the batch stands in the
// first one's, and the others are linked with it both ways.
func TestABatchIsLinkedWithItsRequests(t *testing.T) {
	b := setup(t, Config{})
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	b.store.held, b.store.started = make(chan struct{}), make(chan struct{}, 10)

	var posting sync.WaitGroup
	post := func(ctx context.Context) {
		c := b.scan()
		posting.Go(func() {
			if _, err := b.ledger.Post(ctx, c, plain); err != nil {
				t.Error(err)
			}
		})
	}
	post(context.Background()) // holds the worker up, and is followed by nobody
	<-b.store.started
	release := sync.OnceFunc(func() { close(b.store.held) })
	defer release()
	var roots []trace.Span
	for range 3 {
		ctx, root := tracer.Start(context.Background(), "request")
		roots = append(roots, root)
		post(ctx)
		eventually(t, func() bool { return b.ledger.Waiting() == len(roots) })
	}
	release()
	posting.Wait()
	if err := b.ledger.Close(context.Background()); err != nil {
		t.Fatal(err)
	}

	spans := recorder.Ended()
	posts := named(spans, "post")
	batches := named(spans, "post batch")
	if len(posts) != 3 || len(batches) != 1 {
		t.Fatalf("%d posts in %d batches", len(posts), len(batches))
	}
	batch := batches[0]
	for i, root := range roots {
		post := below(posts, root.SpanContext())[0]
		switch {
		case i == 0 && batch.Parent().SpanID() != post.SpanContext().SpanID():
			t.Error("the batch stands not below the first post")
		case i > 0 && (!linked(batch, post) || !linked(post, batch)):
			t.Errorf("post %d and the batch are not linked", i)
		}
	}
	for _, name := range []string{"guard exchange", "database read", "database write"} {
		if found := below(named(spans, name), batch.SpanContext()); len(found) != 1 {
			t.Errorf("%d spans %q below the batch", len(found), name)
		}
	}
}

func named(spans []sdktrace.ReadOnlySpan, name string) []sdktrace.ReadOnlySpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s sdktrace.ReadOnlySpan) bool { return s.Name() != name })
}

func below(spans []sdktrace.ReadOnlySpan, above trace.SpanContext) []sdktrace.ReadOnlySpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s sdktrace.ReadOnlySpan) bool { return s.Parent().SpanID() != above.SpanID() })
}

func linked(from, to sdktrace.ReadOnlySpan) bool {
	return slices.ContainsFunc(from.Links(), func(l sdktrace.Link) bool { return l.SpanContext.Equal(to.SpanContext()) })
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for range 2000 {
		if holds() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it never came to that")
}

// counted is a Meter that adds up.
type counted struct {
	mu                                            sync.Mutex
	batches, commands, waited, asked, read, wrote int
	byGuard, byStore, overrides                   int
}

func (c *counted) add(n *int, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n += by
}

func (c *counted) Batch(n int)          { c.add(&c.batches, 1); c.add(&c.commands, n) }
func (c *counted) Waited(time.Duration) { c.add(&c.waited, 1) }
func (c *counted) Asked(time.Duration)  { c.add(&c.asked, 1) }
func (c *counted) Read(time.Duration)   { c.add(&c.read, 1) }
func (c *counted) Wrote(time.Duration)  { c.add(&c.wrote, 1) }

func (c *counted) Override(loyalty.Limit) { c.add(&c.overrides, 1) }

func (c *counted) Replay(guard bool) {
	if guard {
		c.add(&c.byGuard, 1)
	} else {
		c.add(&c.byStore, 1)
	}
}

func TestTheMeterIsToldOfEveryCommand(t *testing.T) {
	meter := new(counted)
	b := setup(t, Config{Meter: meter})
	c := b.scan()
	b.mustPost(t, c)
	b.mustPost(t, b.scan()) // carries the first outcome to the guard
	replay := func() {
		t.Helper()
		again := c
		again.Request[5]++
		c.Request[5]++
		_, err := b.ledger.Post(context.Background(), again, plain)
		wantCode(t, err, loyalty.CredentialUsed)
	}
	replay()
	b.guard.mu.Lock()
	clear(b.guard.outcomes)
	b.guard.mu.Unlock()
	replay()
	if err := b.ledger.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if meter.batches != 4 || meter.commands != 4 || meter.waited != 4 {
		t.Errorf("%d batches of %d commands, %d of which waited; want 4", meter.batches, meter.commands, meter.waited)
	}
	if meter.read != 3 || meter.wrote != 3 || meter.asked < 4 {
		t.Errorf("read %d times, wrote %d, asked %d; want 3, 3, at least 4", meter.read, meter.wrote, meter.asked)
	}
	if meter.byGuard != 1 || meter.byStore != 1 {
		t.Errorf("replays known to the guard %d, to the store %d; want 1 of each", meter.byGuard, meter.byStore)
	}
}
