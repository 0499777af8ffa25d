package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// trip is one journey to PostgreSQL: its statements leave together and their
// results come back in order. It speaks to pgx's pipeline itself, because
// pgx.Batch would find out by reflection, value by value, what is known here.
type trip struct {
	conn     *pgx.Conn
	pipeline *pgconn.Pipeline // nil until something is sent
	requests []request
	sent     int // of the requests
	columns  columns
	values   [][]byte
	row      wireRow
}

type request struct {
	statement *pgconn.StatementDescription
	values    [][]byte
	read      func(source) // nil where no rows are of interest
}

// binaryFormat is the format of all parameters and results.
var binaryFormat = []int16{pgx.BinaryFormatCode}

var trips = sync.Pool{New: func() any { return new(trip) }}

// newTrip prepares a journey on a connection; end it with done.
func newTrip(conn *pgx.Conn) *trip {
	t := trips.Get().(*trip)
	t.conn = conn
	return t
}

func (t *trip) done() {
	t.abandon()
	t.reset()
	t.conn, t.row = nil, wireRow{}
	trips.Put(t)
}

// abandon ends a trip that departed and that an error keeps from arriving.
func (t *trip) abandon() {
	if t.pipeline != nil {
		_ = t.pipeline.Close() // the error that counts is that one
		t.pipeline = nil
	}
}

func (t *trip) reset() {
	clear(t.requests)
	clear(t.values)
	t.requests, t.values = t.requests[:0], t.values[:0]
	t.pipeline, t.sent = nil, 0
	t.columns.reset()
}

// command adds a statement without parameters.
func (t *trip) command(ctx context.Context, sql string) error {
	return t.request(ctx, sql, nil, nil)
}

// only makes a trip for one command.
func (t *trip) only(ctx context.Context, sql string) error {
	if err := t.command(ctx, sql); err != nil {
		return err
	}
	return t.run(ctx)
}

// ask adds a lookup whose rows go to g.
func (t *trip) ask(ctx context.Context, q question, g *gathering) error {
	kinds := []string{q.lookup.key}
	if q.lookup.timed {
		kinds = append(kinds, "bigint")
	}
	t.columns.take(kinds, len(q.keys))
	for _, key := range q.keys {
		t.columns.row()
		t.columns.bytes(key)
		if q.lookup.timed {
			t.columns.number(q.at)
		}
	}
	sql := q.lookup.postgres
	if q.lock {
		sql = q.lookup.locking
	}
	return t.request(ctx, sql, t.columns.taken(), func(r source) { q.lookup.read(g, r) })
}

// change adds a change of many rows.
func (t *trip) change(ctx context.Context, c *change, rows int, put func(i int, s sink)) error {
	t.columns.take(c.kinds, rows)
	for i := range rows {
		t.columns.row()
		put(i, &t.columns)
	}
	return t.request(ctx, c.postgres, t.columns.taken(), nil)
}

// request queues a statement. It goes to the server only to prepare a statement
// that this connection has not met before.
func (t *trip) request(ctx context.Context, sql string, parameters []array, read func(source)) error {
	statement, err := t.conn.Prepare(ctx, sql, sql)
	if err != nil {
		return err
	}
	first := len(t.values)
	for _, p := range parameters {
		t.values = append(t.values, p)
	}
	t.requests = append(t.requests, request{statement, t.values[first:len(t.values):len(t.values)], read})
	return nil
}

// depart sends what was added so far, for the server to begin with. What follows
// on this trip must be among the statements that come: while some are under way,
// none can be prepared.
func (t *trip) depart(ctx context.Context, coming ...string) error {
	for _, sql := range coming {
		if _, err := t.conn.Prepare(ctx, sql, sql); err != nil {
			return err
		}
	}
	t.send(ctx)
	return t.pipeline.Flush()
}

func (t *trip) send(ctx context.Context) {
	if t.pipeline == nil {
		t.pipeline = t.conn.PgConn().StartPipeline(ctx)
	}
	for ; t.sent < len(t.requests); t.sent++ {
		r := &t.requests[t.sent]
		t.pipeline.SendQueryStatement(r.statement, r.values, binaryFormat, binaryFormat)
	}
}

// run sends what was added and reads all results. After an error of the server
// the statements behind it were not executed.
func (t *trip) run(ctx context.Context) error {
	defer t.reset()
	t.send(ctx)
	err := t.pipeline.Sync()
	for i := 0; i < len(t.requests) && err == nil; i++ {
		err = t.receive(t.pipeline, t.requests[i].read)
	}
	if closed := t.pipeline.Close(); err == nil {
		err = closed
	}
	return err
}

func (t *trip) receive(pipeline *pgconn.Pipeline, read func(source)) error {
	results, err := pipeline.GetResults()
	if err != nil {
		return err
	}
	rows, ok := results.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("store: PostgreSQL sent %T where rows were due", results)
	}
	for rows.NextRow() {
		if read != nil {
			t.row = wireRow{values: rows.Values()}
			read(&t.row)
		}
	}
	_, err = rows.Close()
	return err
}
