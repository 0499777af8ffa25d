package main

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// openTraces sends what is traced to a collector. How much of it, and under which
// name, the SDK reads from the standard's OTEL_… variables.
func openTraces(endpoint string, log *slog.Logger) (*sdktrace.TracerProvider, error) {
	// What the environment says comes last, and wins.
	about, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", "stempel")), resource.Environment())
	if err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("traces not sent", slog.Any("error", err))
	}))
	return sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithBatcher(newCollector(strings.TrimSuffix(endpoint, "/"))),
	), nil
}

// checkEndpoint accepts what the standard calls a base URL.
func checkEndpoint(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" {
		return errors.New("must look like http://127.0.0.1:4318")
	}
	return nil
}
