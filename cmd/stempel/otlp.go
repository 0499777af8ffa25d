package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// collector receives spans as OTLP over HTTP in JSON (opentelemetry.io/docs/specs/otlp).
// The SDK's own exporter does the same with gRPC and its gateway in the luggage:
// twice what the SDK itself adds to the program.
type collector struct {
	url    string
	client http.Client
}

var _ sdktrace.SpanExporter = (*collector)(nil)

// collectorPatience bounds one delivery.
const collectorPatience = 10 * time.Second

func newCollector(endpoint string) *collector {
	return &collector{url: endpoint + "/v1/traces", client: http.Client{Timeout: collectorPatience}}
}

// ExportSpans delivers finished spans. Those of a failed delivery are lost.
func (c *collector) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body, err := json.Marshal(otlpOf(spans))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	if response.StatusCode >= 300 {
		return fmt.Errorf("the collector answered %s", response.Status)
	}
	return nil
}

// Shutdown lets go of the connections.
func (c *collector) Shutdown(context.Context) error {
	c.client.CloseIdleConnections()
	return nil
}

// The messages of opentelemetry/proto/trace/v1 in their JSON form, as far as we
// fill them: ids are hex, 64-bit numbers are texts. Our spans have no events.
type (
	otlpTraces struct {
		ResourceSpans []otlpResource `json:"resourceSpans"`
	}
	otlpResource struct {
		Resource   otlpAttributes `json:"resource"`
		ScopeSpans []otlpScope    `json:"scopeSpans"`
	}
	otlpScope struct {
		Spans []otlpSpan `json:"spans"`
	}
	otlpSpan struct {
		TraceID    string          `json:"traceId"`
		SpanID     string          `json:"spanId"`
		Parent     string          `json:"parentSpanId,omitempty"`
		Name       string          `json:"name"`
		Kind       trace.SpanKind  `json:"kind"` // has the protocol's numbers
		Start      string          `json:"startTimeUnixNano"`
		End        string          `json:"endTimeUnixNano"`
		Attributes []otlpAttribute `json:"attributes,omitempty"`
		Links      []otlpLink      `json:"links,omitempty"`
		Status     otlpStatus      `json:"status"`
	}
	otlpLink struct {
		TraceID string `json:"traceId"`
		SpanID  string `json:"spanId"`
	}
	otlpStatus struct {
		Code int `json:"code,omitempty"`
	}
	otlpAttributes struct {
		Attributes []otlpAttribute `json:"attributes"`
	}
	otlpAttribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

// otlpError is STATUS_CODE_ERROR.
const otlpError = 2

// otlpOf takes spans of one provider, which have one resource.
func otlpOf(spans []sdktrace.ReadOnlySpan) otlpTraces {
	var scope otlpScope
	for _, span := range spans {
		scope.Spans = append(scope.Spans, otlpSpanOf(span))
	}
	return otlpTraces{[]otlpResource{{
		Resource:   otlpAttributes{otlpAttributesOf(spans[0].Resource().Attributes())},
		ScopeSpans: []otlpScope{scope},
	}}}
}

func otlpSpanOf(span sdktrace.ReadOnlySpan) otlpSpan {
	own := span.SpanContext()
	s := otlpSpan{
		TraceID: own.TraceID().String(), SpanID: own.SpanID().String(), Name: span.Name(), Kind: span.SpanKind(),
		Start: nanos(span.StartTime()), End: nanos(span.EndTime()), Attributes: otlpAttributesOf(span.Attributes()),
	}
	if above := span.Parent(); above.SpanID().IsValid() {
		s.Parent = above.SpanID().String()
	}
	for _, link := range span.Links() {
		s.Links = append(s.Links, otlpLink{link.SpanContext.TraceID().String(), link.SpanContext.SpanID().String()})
	}
	if span.Status().Code == codes.Error {
		s.Status.Code = otlpError
	}
	return s
}

func nanos(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }

func otlpAttributesOf(attributes []attribute.KeyValue) []otlpAttribute {
	list := make([]otlpAttribute, 0, len(attributes))
	for _, a := range attributes {
		value := map[string]any{"stringValue": a.Value.String()}
		switch a.Value.Type() {
		case attribute.INT64:
			value = map[string]any{"intValue": a.Value.String()}
		case attribute.BOOL:
			value = map[string]any{"boolValue": a.Value.AsBool()}
		}
		list = append(list, otlpAttribute{string(a.Key), value})
	}
	return list
}
