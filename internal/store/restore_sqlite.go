package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"stempel/internal/archive"
)

func toLite(v *archive.Value) any {
	switch v.Kind {
	case archive.Integer:
		return v.Integer
	case archive.Bytes:
		return append([]byte{}, v.Bytes...) // never nil, which would be NULL
	case archive.Text:
		return string(v.Bytes)
	}
	return nil
}

// restore fills all tables in one transaction of the writer. then are statements
// that belong to it.
func (l *lite) restore(ctx context.Context, from *archive.Reader, then []string) error {
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollBackLite(tx)
	tables, err := liteTables(ctx, tx)
	if err != nil {
		return err
	}
	if err := sameTables(from, tables); err != nil {
		return err
	}
	for _, name := range inUse {
		var used bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+name+")").Scan(&used); err != nil {
			return err
		}
		if used {
			return ErrNotEmpty
		}
	}
	// Then tables may be filled in any order.
	if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+quoted([]string{t.name})); err != nil {
			return err
		}
		table, _ := from.Table(t.name)
		if err := writeIn(ctx, tx, from, table); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	if err := checkReferences(ctx, tx); err != nil {
		return err
	}
	for _, statement := range then {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return translate(tx.Commit(), true)
}

// checkReferences asks what COMMIT would: that one, when it fails, leaves the
// transaction open behind database/sql's back.
func checkReferences(ctx context.Context, tx *sql.Tx) error {
	var table, parent string
	err := tx.QueryRowContext(ctx, `SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1`).Scan(&table, &parent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: a row of %s belongs to one of %s that is not there", archive.ErrDamaged, table, parent)
}

// writeIn fills a table, row by row.
func writeIn(ctx context.Context, tx *sql.Tx, from *archive.Reader, table archive.Table) error {
	places := strings.Repeat(", ?", len(table.Columns))[2:]
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+quoted([]string{table.Name})+" ("+quoted(table.Columns)+") VALUES ("+places+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	cells := make([]any, len(table.Columns))
	for row, err := range from.Rows(table) {
		if err != nil {
			return err
		}
		for i := range row {
			cells[i] = toLite(&row[i])
		}
		if _, err := insert.ExecContext(ctx, cells...); err != nil {
			return err
		}
	}
	return nil
}
