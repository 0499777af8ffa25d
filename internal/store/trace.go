package store

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"

	"stempel/internal/loyalty"
	"stempel/internal/tracing"
)

// facts reads without locks, as a span of the asker's trace.
func (s *Store) facts(ctx context.Context, k *loyalty.Keys) (*loyalty.Facts, error) {
	ctx, span := tracing.Start(ctx, "database read")
	facts, err := s.engine.facts(ctx, k)
	tracing.End(span, err)
	return facts, err
}

// traced is the plugin that makes each of GORM's statements a span of the asker's
// trace. What posting and scanning do passes GORM by: the ledger traces its trips.
type traced struct{}

const spanSetting = "stempel:span"

func (traced) Name() string { return "stempel:tracing" }

// Initialize puts a hook before and behind each kind of statement.
func (traced) Initialize(db *gorm.DB) error {
	hooks := []struct {
		before, after func(name string, f func(*gorm.DB)) error
		name          string
	}{
		{db.Callback().Query().Before("gorm:query").Register, db.Callback().Query().After("gorm:query").Register, "select"},
		{db.Callback().Create().Before("gorm:create").Register, db.Callback().Create().After("gorm:create").Register, "insert"},
		{db.Callback().Update().Before("gorm:update").Register, db.Callback().Update().After("gorm:update").Register, "update"},
		{db.Callback().Delete().Before("gorm:delete").Register, db.Callback().Delete().After("gorm:delete").Register, "delete"},
		{db.Callback().Row().Before("gorm:row").Register, db.Callback().Row().After("gorm:row").Register, "select"},
		{db.Callback().Raw().Before("gorm:raw").Register, db.Callback().Raw().After("gorm:raw").Register, "execute"},
	}
	for _, h := range hooks {
		if err := h.before(spanSetting+":begin", begin("database "+h.name)); err != nil {
			return err
		}
		if err := h.after(spanSetting+":end", end); err != nil {
			return err
		}
	}
	return nil
}

// begin tells the table, never the values.
func begin(name string) func(*gorm.DB) {
	return func(db *gorm.DB) {
		_, span := tracing.Start(db.Statement.Context, name)
		if !span.IsRecording() {
			return
		}
		if db.Statement.Table != "" {
			span.SetAttributes(attribute.String("db.collection.name", db.Statement.Table))
		}
		db.InstanceSet(spanSetting, span)
	}
}

func end(db *gorm.DB) {
	if !trace.SpanFromContext(db.Statement.Context).IsRecording() {
		return
	}
	if span, ok := db.InstanceGet(spanSetting); ok {
		tracing.End(span.(trace.Span), db.Error)
	}
}
