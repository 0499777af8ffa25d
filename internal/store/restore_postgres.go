package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"stempel/internal/archive"
)

// restore fills all tables in one transaction. Until it ends nobody else can write
// to them: a server that starts meanwhile waits before it makes keys. then are
// statements that belong to it.
func (p *postgres) restore(ctx context.Context, from *archive.Reader, then []string) error {
	return p.session(ctx, func(conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // fails when it is committed
		if err := fill(ctx, tx, from); err != nil {
			return err
		}
		for _, statement := range then {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return translate(tx.Commit(ctx), true)
	})
}

func fill(ctx context.Context, tx pgx.Tx, from *archive.Reader) error {
	tables, err := postgresTables(ctx, tx)
	if err != nil {
		return err
	}
	if err := sameTables(from, tables); err != nil {
		return err
	}
	if err := empty(ctx, tx, tables); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "SET CONSTRAINTS ALL DEFERRED"); err != nil {
		return err
	}
	for i := range tables {
		table, _ := from.Table(tables[i].name)
		if err := copyIn(ctx, tx, &tables[i], from, table); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	return setSequences(ctx, tx)
}

// empty locks all tables against writers and takes out what migrations put in,
// unless they are in use.
func empty(ctx context.Context, tx pgx.Tx, tables []tableShape) error {
	var names []string
	for _, t := range tables {
		names = append(names, pgx.Identifier{t.name}.Sanitize())
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE "+strings.Join(names, ", ")+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	for _, name := range inUse {
		var used bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+name+")").Scan(&used); err != nil {
			return err
		}
		if used {
			return ErrNotEmpty
		}
	}
	for i := len(names) - 1; i >= 0; i-- {
		if _, err := tx.Exec(ctx, "DELETE FROM "+names[i]); err != nil {
			return err
		}
	}
	return nil
}

// copyIn fills a table by COPY in its text format, which every type can be read
// from.
func copyIn(ctx context.Context, tx pgx.Tx, t *tableShape, from *archive.Reader, table archive.Table) error {
	kinds := map[string]string{}
	for _, c := range t.columns {
		kinds[c.name] = c.kind
	}
	columns := make([]string, len(table.Columns))
	uuids := make([]bool, len(table.Columns))
	for i, name := range table.Columns {
		columns[i], uuids[i] = pgx.Identifier{name}.Sanitize(), kinds[name] == "uuid"
	}
	next, stop := iter.Pull2(from.Rows(table))
	defer stop()
	lines := &copyLines{next: next, uuids: uuids}
	_, err := tx.Conn().PgConn().CopyFrom(ctx, lines,
		"COPY "+pgx.Identifier{t.name}.Sanitize()+" ("+strings.Join(columns, ", ")+") FROM STDIN")
	if lines.err != nil {
		return lines.err // which PostgreSQL was only told as a text
	}
	return err
}

// copyLines are rows as COPY reads them.
type copyLines struct {
	next  func() ([]archive.Value, error, bool)
	uuids []bool // by column
	lines []byte
	ended bool
	err   error // why there are no more
}

// Read fills p if there are rows enough: each Read becomes a message.
func (c *copyLines) Read(p []byte) (int, error) {
	for len(c.lines) < len(p) && !c.ended {
		row, err, ok := c.next()
		if c.ended = !ok || err != nil; c.ended {
			c.err = err
			break
		}
		c.lines = appendCopy(c.lines, row, c.uuids)
	}
	if len(c.lines) == 0 && c.err == nil {
		return 0, io.EOF
	}
	if c.err != nil {
		return 0, c.err
	}
	n := copy(p, c.lines)
	c.lines = append(c.lines[:0], c.lines[n:]...)
	return n, nil
}

// appendCopy appends a row as a line of COPY's text format.
func appendCopy(line []byte, row []archive.Value, uuids []bool) []byte {
	for i := range row {
		if i > 0 {
			line = append(line, '\t')
		}
		switch value := &row[i]; value.Kind {
		case archive.Null:
			line = append(line, `\N`...)
		case archive.Integer:
			line = strconv.AppendInt(line, value.Integer, 10)
		case archive.Bytes:
			if !uuids[i] {
				line = append(line, `\\x`...)
			}
			line = hex.AppendEncode(line, value.Bytes)
		case archive.Text:
			line = appendEscaped(line, value.Bytes)
		}
	}
	return append(line, '\n')
}

func appendEscaped(line, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '\\':
			line = append(line, `\\`...)
		case '\t':
			line = append(line, `\t`...)
		case '\n':
			line = append(line, `\n`...)
		case '\r':
			line = append(line, `\r`...)
		default:
			line = append(line, c)
		}
	}
	return line
}

// setSequences lets every sequence of a column go on behind its highest value.
func setSequences(ctx context.Context, tx pgx.Tx) error {
	const owned = `SELECT format('SELECT setval(%L, max(%I)) FROM %I', s.oid::regclass, a.attname, t.relname)
		FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass
				AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
			JOIN pg_class t ON t.oid = d.refobjid
			JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
		WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace AND t.relname <> $1`
	rows, err := tx.Query(ctx, owned, versionTable)
	if err != nil {
		return err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
