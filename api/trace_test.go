package api_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"stempel/api/apitest"
	"stempel/api/gen"
	"stempel/internal/engines/enginetest"
)

// One scan is one chain from the caller's span to the database, and its refusal
// is no failure of ours.
func TestOneScanIsOneTrace(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	a := apitest.Boot(t, apitest.Postgres(t), apitest.Redis(t, enginetest.Redis(t), apitest.Prefix()),
		func(s *apitest.Setup) { s.Tracer = tracer })
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	code := a.Token(t, a.Shop, card)
	scan := apitest.Scan(a.Shop.Front, code, apitest.Units(1))
	scan.Header = map[string]string{"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	recorder.Reset()
	a.Do(t, scan)
	a.Do(t, apitest.Scan(a.Shop.Back, code, apitest.Units(1)))
	if err := a.Close(); err != nil { // spans end after their answers
		t.Fatal(err)
	}

	const caller = "0af7651916cd43dd8448eb211c80319c"
	byName := map[string]sdktrace.ReadOnlySpan{}
	var refused sdktrace.ReadOnlySpan
	for _, span := range recorder.Ended() {
		switch {
		case span.SpanContext().TraceID().String() == caller:
			byName[span.Name()] = span
		case span.SpanKind() == trace.SpanKindServer:
			refused = span
		}
	}
	for name, above := range map[string]string{
		"post": "POST /v1/scans", "post batch": "post",
		"guard exchange": "post batch", "redis": "guard exchange",
		"database read": "post batch", "database write": "post batch",
	} {
		if byName[name] == nil || byName[above] == nil || byName[name].Parent().SpanID() != byName[above].SpanContext().SpanID() {
			t.Errorf("%q does not stand below %q in the caller's trace: %v", name, above, byName)
		}
	}
	request := byName["POST /v1/scans"]
	if request == nil || request.Parent().SpanID().String() != "b7ad6b7169203331" || request.SpanKind() != trace.SpanKindServer {
		t.Fatalf("the request's span is %v", request)
	}
	wantAttribute(t, request, attribute.String("http.route", "/v1/scans"))
	wantAttribute(t, request, attribute.Int("http.response.status_code", 200))
	wantAttribute(t, request, attribute.String("stempel.till", a.Shop.Front.ID.String()))

	if refused == nil {
		t.Fatal("no span of the refused scan")
	}
	wantAttribute(t, refused, attribute.String("stempel.problem", string(gen.ProblemCodeCredentialAlreadyUsed)))
	if refused.Status().Code == codes.Error {
		t.Error("a refusal is told as a failure")
	}
}

func wantAttribute(t *testing.T, span sdktrace.ReadOnlySpan, want attribute.KeyValue) {
	t.Helper()
	for _, got := range span.Attributes() {
		if got == want {
			return
		}
	}
	t.Errorf("%s has no %v: %v", span.Name(), want, span.Attributes())
}

// Reads outside the ledger, and statements of GORM, stand below their request.
func TestReadsAreTraced(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	a := apitest.Boot(t, func(s *apitest.Setup) { s.Tracer = tracer })
	card := a.NewCard(t, a.Shop, a.Shop.Stamps).ID
	recorder.Reset()
	a.GetCard(t, a.Shop, card)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	names := map[string]trace.TraceID{}
	for _, span := range recorder.Ended() {
		names[span.Name()] = span.SpanContext().TraceID()
	}
	request := names["GET /v1/cards/:card"]
	for _, name := range []string{"database read", "database select"} { // the card; the key's access
		if id, ok := names[name]; !ok || id != request {
			t.Errorf("no span %q below the request: %v", name, names)
		}
	}
}
