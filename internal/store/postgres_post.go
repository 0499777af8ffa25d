package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"stempel/internal/loyalty"
)

// post is one attempt at a batch, in two trips: BEGIN, locks and reads; writes
// and COMMIT. Between them the batch is decided.
func (p *postgres) post(ctx context.Context, k *loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return translate(err, false)
	}
	// A connection that is still in a transaction then, after a panic or a
	// rollback that failed, is closed by the pool, not used again.
	defer conn.Release()
	t := newTrip(conn.Conn())
	defer t.done()

	committing, err := p.attempt(ctx, t, k, decide)
	if err == nil {
		return nil
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) && staleStatement(answer) {
		p.pool.Reset() // the other connections have prepared the same
	}
	t.abandon()
	rollBack(conn)
	return translate(err, committing)
}

func (p *postgres) attempt(ctx context.Context, t *trip, k *loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) (committing bool, err error) {
	if err := t.command(ctx, "BEGIN"); err != nil {
		return false, err
	}
	facts, err := p.gather(ctx, t, k, true)
	if err != nil {
		return false, err
	}
	writes := decide(facts)
	if isEmpty(&writes) {
		return false, t.only(ctx, "ROLLBACK")
	}
	if err := write(ctx, t, &writes); err != nil {
		return false, err
	}
	if writes.Late != nil {
		if err := t.depart(ctx, insertAnswers.postgres, "COMMIT"); err != nil {
			return false, err
		}
		if err := writeLate(ctx, t, &writes); err != nil {
			return false, err
		}
	}
	if err := t.command(ctx, "COMMIT"); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return true, t.run(ctx)
}

// rollBackTimeout bounds a courtesy: a connection that does not answer is closed.
const rollBackTimeout = time.Second

func rollBack(conn *pgxpool.Conn) {
	if conn.Conn().PgConn().TxStatus() == 'I' || conn.Conn().IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollBackTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "ROLLBACK") // if it fails, Release closes the connection
}
