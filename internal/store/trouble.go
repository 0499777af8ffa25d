package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	sqlite "github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// errAgain marks a transaction that the database gave up for reasons of its own
// (a deadlock, a plan that a migration has made stale): nothing was written and
// the same again may well succeed. When it does not, it is a conflict.
var errAgain = fmt.Errorf("the transaction was given up: %w", loyalty.ErrConflict)

// translate is the one place where errors of the databases become errors of the
// house; the cause stays wrapped, for logs. committing says that COMMIT may have
// been sent: then whatever is not a plain "no" of the server leaves the outcome
// open. What is unknown stays as it is: internal.
func translate(err error, committing bool) error {
	if err == nil || ours(err) {
		return err
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return because(loyalty.ErrNotFound, err)
	}
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) && postgres.SeverityUnlocalized == "ERROR" {
		return because(postgresTrouble(postgres), err)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return because(sqliteTrouble(lite.Code(), committing), err)
	}
	switch {
	case committing && !pgconn.SafeToRetry(err):
		return because(loyalty.ErrOutcomeUnknown, err)
	case postgres != nil, isLoss(err): // FATAL: the session is over
		return because(loyalty.ErrUnavailable, err)
	}
	return err
}

func because(trouble, cause error) error {
	if trouble == nil {
		return cause
	}
	return fmt.Errorf("%w: %w", trouble, cause)
}

// ours reports whether an error is one that callers know already.
func ours(err error) bool {
	var refusal *loyalty.Refusal
	return errors.As(err, &refusal) || errors.Is(err, loyalty.ErrConflict) || errors.Is(err, loyalty.ErrNotFound) ||
		errors.Is(err, loyalty.ErrUnavailable) || errors.Is(err, loyalty.ErrOutcomeUnknown)
}

// postgresTrouble sorts SQLSTATEs (PostgreSQL's Appendix A); nil is internal.
func postgresTrouble(err *pgconn.PgError) error {
	switch err.Code {
	case "23505", "23514": // unique_violation, check_violation
		return loyalty.ErrConflict
	case "23503": // foreign_key_violation: what the row belongs to is not there
		return loyalty.ErrNotFound
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return errAgain
	case "25006", "55P03": // read_only_sql_transaction, lock_not_available
		return loyalty.ErrUnavailable
	}
	if staleStatement(err) {
		return errAgain
	}
	switch err.Code[:2] {
	case "53", "57", "58": // insufficient resources (a full disk), operator intervention, system error
		return loyalty.ErrUnavailable
	}
	return nil
}

// staleStatement reports whether a prepared statement no longer fits the tables
// or is no longer known.
func staleStatement(err *pgconn.PgError) bool {
	return err.Code == "0A000" && err.Routine == "RevalidateCachedQuery" ||
		err.Code == "26000" // invalid_sql_statement_name
}

// Result codes of SQLite (sqlite.org/rescode.html); an extended one has its
// primary one in the lowest byte.
const (
	liteBusy       = 5
	liteLocked     = 6
	liteNoMemory   = 7
	liteReadOnly   = 8
	liteInterrupt  = 9
	liteIOError    = 10
	liteFull       = 13
	liteCannotOpen = 14
	liteConstraint = 19

	liteCheck      = liteConstraint | 1<<8
	liteForeignKey = liteConstraint | 3<<8
	litePrimaryKey = liteConstraint | 6<<8
	liteUnique     = liteConstraint | 8<<8
)

// sqliteTrouble sorts result codes; nil is internal.
func sqliteTrouble(code int, committing bool) error {
	switch code {
	case liteCheck, litePrimaryKey, liteUnique:
		return loyalty.ErrConflict
	case liteForeignKey:
		return loyalty.ErrNotFound
	}
	switch code & 0xff {
	case liteIOError:
		if committing { // the disk may have taken the last page before it failed
			return loyalty.ErrOutcomeUnknown
		}
		return loyalty.ErrUnavailable
	case liteBusy, liteLocked, liteNoMemory, liteReadOnly, liteInterrupt, liteFull, liteCannotOpen:
		return loyalty.ErrUnavailable
	}
	return nil
}

// isLoss reports whether there is no connection, no longer or not in time.
func isLoss(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, puddle.ErrClosedPool)
}
