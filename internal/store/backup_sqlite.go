package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"stempel/internal/archive"
)

// backup reads in one transaction, which sees one moment. Meanwhile the writer's
// log grows, since nothing younger is copied into the file.
func (l *lite) backup(ctx context.Context, begin func(archive.Manifest) *archive.Writer) (archive.Manifest, error) {
	m := archive.Manifest{Database: "SQLite"}
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return m, err
	}
	defer rollBackLite(tx)
	const version = `SELECT max(version_id) FROM ` + versionTable + ` WHERE is_applied`
	if err := tx.QueryRowContext(ctx, version).Scan(&m.Schema); err != nil {
		return m, err
	}
	tables, err := liteTables(ctx, tx)
	if err != nil {
		return m, err
	}
	to := begin(m)
	for i := range tables {
		if err := readOut(ctx, tx, &tables[i], to); err != nil {
			return m, fmt.Errorf("table %s: %w", tables[i].name, err)
		}
	}
	return to.Close()
}

// liteTables are all tables of the file, without SQLite's own and without columns
// that it computes.
func liteTables(ctx context.Context, tx *sql.Tx) ([]tableShape, error) {
	const columns = `SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_xinfo(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND t.name NOT IN (?, ?) AND t.name NOT LIKE ? ESCAPE '\' AND c.hidden = 0
		ORDER BY t.name, c.cid`
	rows, err := tx.QueryContext(ctx, columns, versionTable, cursorTable, jobTables)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []tableShape
	for rows.Next() {
		var table string
		var c columnShape
		if err := rows.Scan(&table, &c.name, &c.kind); err != nil {
			return nil, err
		}
		if len(tables) == 0 || tables[len(tables)-1].name != table {
			tables = append(tables, tableShape{name: table})
		}
		last := &tables[len(tables)-1]
		last.columns = append(last.columns, c)
	}
	return tables, rows.Err()
}

// readOut reads a whole table.
func readOut(ctx context.Context, tx *sql.Tx, t *tableShape, to *archive.Writer) error {
	if err := to.Begin(t.name, t.names()); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+quoted(t.names())+" FROM "+quoted([]string{t.name}))
	if err != nil {
		return err
	}
	defer rows.Close()
	cells := make([]any, len(t.columns))
	into := make([]any, len(t.columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	row := make([]archive.Value, len(t.columns))
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range cells {
			if row[i], err = fromLite(cells[i]); err != nil {
				return fmt.Errorf("column %s: %w", t.columns[i].name, err)
			}
		}
		if err := to.Row(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func fromLite(cell any) (archive.Value, error) {
	switch v := cell.(type) {
	case nil:
		return archive.Value{}, nil
	case int64:
		return archive.Value{Kind: archive.Integer, Integer: v}, nil
	case []byte:
		return archive.Value{Kind: archive.Bytes, Bytes: v}, nil
	case string:
		return archive.Value{Kind: archive.Text, Bytes: []byte(v)}, nil
	}
	return archive.Value{}, fmt.Errorf("store: a backup does not know how to keep a %T", cell)
}

// quoted writes names as SQL's identifiers, with commas between.
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return strings.Join(all, ", ")
}
