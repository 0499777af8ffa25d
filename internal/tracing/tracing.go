// Package tracing continues traces that somebody else began: a span is made where
// the context carries one that is recorded, and else nothing happens, at no cost.
// Who records, and where spans go, is decided at the entrance (api) and in the
// wiring; this package must never know it.
//
// Spans carry words of ours, numbers and outcomes. They never carry what came in:
// no tokens, texts of codes, PINs, bodies or addresses.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope names this program's spans among those of libraries.
const scope = "stempel"

// Start begins a span below the one in ctx. End it.
func Start(ctx context.Context, name string) (context.Context, trace.Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, above
	}
	return above.TracerProvider().Tracer(scope).Start(ctx, name)
}

// Off is the span of whoever is not followed: all it is told is nothing to it.
var Off = trace.SpanFromContext(context.Background())

// End ends a span that Start began, as failed where there is an error: without
// its text, which may quote what came in. A span that was not begun, because above
// it nothing is recorded, is left alone.
func End(span trace.Span, err error) {
	if !span.IsRecording() {
		return
	}
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
