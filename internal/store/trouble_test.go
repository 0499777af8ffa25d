package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

func TestTranslate(t *testing.T) {
	server := func(code, severity string) error {
		return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, SeverityUnlocalized: severity})
	}
	internal := errors.New("a mistake of ours")
	refusal := &loyalty.Refusal{Code: loyalty.CardBlocked}
	tests := []struct {
		name       string
		err        error
		before, at error // what it becomes before the commit and while committing; nil: stays
	}{
		{"unique", server("23505", "ERROR"), loyalty.ErrConflict, loyalty.ErrConflict},
		{"check", server("23514", "ERROR"), loyalty.ErrConflict, loyalty.ErrConflict},
		{"foreign key", server("23503", "ERROR"), loyalty.ErrNotFound, loyalty.ErrNotFound},
		{"serialization", server("40001", "ERROR"), errAgain, errAgain},
		{"deadlock", server("40P01", "ERROR"), errAgain, errAgain},
		{"disk full", server("53100", "ERROR"), loyalty.ErrUnavailable, loyalty.ErrUnavailable},
		{"too many connections", server("53300", "FATAL"), loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"statement timeout", server("57014", "ERROR"), loyalty.ErrUnavailable, loyalty.ErrUnavailable},
		{"shutdown", server("57P01", "FATAL"), loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"read-only", server("25006", "ERROR"), loyalty.ErrUnavailable, loyalty.ErrUnavailable},
		{"I/O error", server("58030", "ERROR"), loyalty.ErrUnavailable, loyalty.ErrUnavailable},
		{"row not found", server("22012", "ERROR"), nil, nil},
		{"syntax", server("42601", "ERROR"), nil, nil},
		{"deadline", context.DeadlineExceeded, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"cancelled", context.Canceled, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"end of stream", io.ErrUnexpectedEOF, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"reset", &net.OpError{Op: "read", Err: errors.New("reset")}, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},
		{"no row", gorm.ErrRecordNotFound, loyalty.ErrNotFound, loyalty.ErrNotFound},
		{"no row in SQL", sql.ErrNoRows, loyalty.ErrNotFound, loyalty.ErrNotFound},
		{"refusal", refusal, refusal, refusal},
		{"known", loyalty.ErrConflict, loyalty.ErrConflict, loyalty.ErrConflict},
		{"internal", internal, nil, loyalty.ErrOutcomeUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for committing, want := range map[bool]error{false: test.before, true: test.at} {
				got := translate(test.err, committing)
				if !errors.Is(got, test.err) {
					t.Errorf("the cause is lost: %v", got)
				}
				if want != nil && !errors.Is(got, want) || want == nil && got != test.err {
					t.Errorf("committing %t: got %v, want %v", committing, got, want)
				}
			}
		})
	}
	if translate(nil, true) != nil {
		t.Error("no error became one")
	}
	if !errors.Is(errAgain, loyalty.ErrConflict) {
		t.Error("what is given up again and again must be a conflict")
	}
}

func TestSQLiteTrouble(t *testing.T) {
	for _, test := range []struct {
		code       int
		before, at error
	}{
		{1555, loyalty.ErrConflict, loyalty.ErrConflict}, // SQLITE_CONSTRAINT_PRIMARYKEY
		{2067, loyalty.ErrConflict, loyalty.ErrConflict}, // SQLITE_CONSTRAINT_UNIQUE
		{275, loyalty.ErrConflict, loyalty.ErrConflict},  // SQLITE_CONSTRAINT_CHECK
		{787, loyalty.ErrNotFound, loyalty.ErrNotFound},  // SQLITE_CONSTRAINT_FOREIGNKEY
		{1299, nil, nil}, // SQLITE_CONSTRAINT_NOTNULL
		{13, loyalty.ErrUnavailable, loyalty.ErrUnavailable},      // SQLITE_FULL
		{5, loyalty.ErrUnavailable, loyalty.ErrUnavailable},       // SQLITE_BUSY
		{517, loyalty.ErrUnavailable, loyalty.ErrUnavailable},     // SQLITE_BUSY_SNAPSHOT
		{8, loyalty.ErrUnavailable, loyalty.ErrUnavailable},       // SQLITE_READONLY
		{9, loyalty.ErrUnavailable, loyalty.ErrUnavailable},       // SQLITE_INTERRUPT
		{14, loyalty.ErrUnavailable, loyalty.ErrUnavailable},      // SQLITE_CANTOPEN
		{10, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown},   // SQLITE_IOERR
		{1034, loyalty.ErrUnavailable, loyalty.ErrOutcomeUnknown}, // SQLITE_IOERR_FSYNC
		{1, nil, nil},  // SQLITE_ERROR
		{11, nil, nil}, // SQLITE_CORRUPT
	} {
		if before, at := sqliteTrouble(test.code, false), sqliteTrouble(test.code, true); before != test.before || at != test.at {
			t.Errorf("%d: %v, %v", test.code, before, at)
		}
	}
}
