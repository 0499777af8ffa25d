package tracing

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

var errSecret = errors.New("the secret of somebody")

// Whoever is not followed pays nothing.
func TestOffIsFree(t *testing.T) {
	ctx := context.Background()
	allocations := testing.AllocsPerRun(100, func() {
		inner, span := Start(ctx, "off")
		if inner != ctx {
			t.Error("the context is another one")
		}
		End(span, errSecret)
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// A request that the sampler leaves out begins nothing below it, and is not ended
// by what was done for it.
func TestLeftOutIsLeftAlone(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.NeverSample()))
	ctx, root := provider.Tracer("test").Start(context.Background(), "root")
	_, span := Start(ctx, "below")
	End(span, nil)
	root.End()
	if n := len(recorder.Ended()); n != 0 {
		t.Errorf("%d spans", n)
	}
}

func TestContinues(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	ctx, root := provider.Tracer("test").Start(context.Background(), "root")
	inner, span := Start(ctx, "well")
	_, innermost := Start(inner, "badly")
	End(innermost, errSecret)
	End(span, nil)
	root.End()

	ended := recorder.Ended()
	if len(ended) != 3 {
		t.Fatalf("%d spans, want 3", len(ended))
	}
	badly, well := ended[0], ended[1]
	if badly.Parent().SpanID() != well.SpanContext().SpanID() || well.Parent().SpanID() != root.SpanContext().SpanID() {
		t.Error("the spans do not stand below each other")
	}
	if well.Status().Code != codes.Unset || badly.Status().Code != codes.Error {
		t.Errorf("status %v and %v", well.Status(), badly.Status())
	}
	if badly.Status().Description != "" || len(badly.Events()) != 0 {
		t.Errorf("the error's text is told: %v %v", badly.Status(), badly.Events())
	}
}
