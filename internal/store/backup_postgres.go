package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"stempel/internal/archive"
)

// session opens a connection besides the pool: its statements are made once and
// read whole tables, for which those of the pool are not set up.
func (p *postgres) session(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, p.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

// backup reads in one transaction, which sees one moment of all tables and locks
// out nobody but migrations.
func (p *postgres) backup(ctx context.Context, begin func(archive.Manifest) *archive.Writer) (m archive.Manifest, err error) {
	err = p.session(ctx, func(conn *pgx.Conn) error {
		moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
		return pgx.BeginTxFunc(ctx, conn, moment, func(tx pgx.Tx) error {
			m = archive.Manifest{Database: "PostgreSQL"}
			const version = `SELECT max(version_id) FROM ` + versionTable + ` WHERE is_applied`
			if err := tx.QueryRow(ctx, version).Scan(&m.Schema); err != nil {
				return err
			}
			tables, err := postgresTables(ctx, tx)
			if err != nil {
				return err
			}
			to := begin(m)
			for i := range tables {
				if err := copyOut(ctx, tx, &tables[i], to); err != nil {
					return fmt.Errorf("table %s: %w", tables[i].name, err)
				}
			}
			m, err = to.Close()
			return err
		})
	})
	return m, err
}

// postgresTables are all tables of the schema, those referred to before those that
// refer to them. Columns that the database computes are left out.
func postgresTables(ctx context.Context, tx pgx.Tx) ([]tableShape, error) {
	const columns = `SELECT t.relname::text, a.attname::text, a.atttypid::regtype::text
		FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relname NOT IN ($1, $2) AND t.relname NOT LIKE $3
		ORDER BY t.relname, a.attnum`
	var tables []tableShape
	var table, column, kind string
	rows, err := tx.Query(ctx, columns, versionTable, cursorTable, jobTables)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		if len(tables) == 0 || tables[len(tables)-1].name != table {
			tables = append(tables, tableShape{name: table})
		}
		last := &tables[len(tables)-1]
		last.columns = append(last.columns, columnShape{column, kind})
		return nil
	}); err != nil {
		return nil, err
	}
	const references = `SELECT DISTINCT a.relname::text, b.relname::text
		FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid
		WHERE c.contype = 'f' AND NOT c.condeferrable AND a.oid <> b.oid AND a.relnamespace = current_schema()::regnamespace`
	var from, to string
	needs := map[string][]string{}
	rows, err = tx.Query(ctx, references)
	if err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		needs[from] = append(needs[from], to)
		return nil
	}); err != nil {
		return nil, err
	}
	return inOrder(tables, needs)
}

// inOrder puts each table behind those that it needs.
func inOrder(tables []tableShape, needs map[string][]string) ([]tableShape, error) {
	placed := map[string]bool{}
	ordered := make([]tableShape, 0, len(tables))
	for len(ordered) < len(tables) {
		before := len(ordered)
	next:
		for _, t := range tables {
			if placed[t.name] {
				continue
			}
			for _, other := range needs[t.name] {
				if !placed[other] {
					continue next
				}
			}
			placed[t.name] = true
			ordered = append(ordered, t)
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("store: foreign keys that cannot be deferred go round in a circle among %v", needs)
		}
	}
	return ordered, nil
}

// kindOf is how a type of PostgreSQL stands in an archive, and the expression that
// makes it so.
func kindOf(c columnShape) (kind archive.Kind, expression string) {
	column := pgx.Identifier{c.name}.Sanitize()
	switch c.kind {
	case "smallint", "integer", "bigint":
		return archive.Integer, column + "::bigint"
	case "boolean":
		return archive.Integer, column + "::integer::bigint"
	case "uuid":
		return archive.Bytes, "uuid_send(" + column + ")"
	case "bytea":
		return archive.Bytes, column
	}
	return archive.Text, column + "::text"
}

// copyOut reads a whole table. pgx hands row after row out while they arrive.
func copyOut(ctx context.Context, tx pgx.Tx, t *tableShape, to *archive.Writer) error {
	if err := to.Begin(t.name, t.names()); err != nil {
		return err
	}
	row := make([]archive.Value, len(t.columns))
	kinds := make([]archive.Kind, len(t.columns))
	expressions := make([]string, len(t.columns))
	for i, c := range t.columns {
		kinds[i], expressions[i] = kindOf(c)
	}
	rows, err := tx.Query(ctx, "SELECT "+strings.Join(expressions, ", ")+" FROM "+pgx.Identifier{t.name}.Sanitize(),
		pgx.QueryResultFormats{pgx.BinaryFormatCode})
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		for i, raw := range rows.RawValues() {
			row[i] = fromPostgres(kinds[i], raw)
		}
		if err := to.Row(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fromPostgres makes a value of what PostgreSQL sent, in its binary format.
func fromPostgres(kind archive.Kind, raw []byte) archive.Value {
	switch {
	case raw == nil:
		return archive.Value{}
	case kind == archive.Integer:
		return archive.Value{Kind: kind, Integer: int64(binary.BigEndian.Uint64(raw))}
	}
	return archive.Value{Kind: kind, Bytes: raw}
}
