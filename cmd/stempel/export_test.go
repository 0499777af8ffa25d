package main

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/moving"
	"stempel/internal/store"
)

// TestExportLeavesNothingOut holds that every column of the database comes out or
// stays in for a reason. Whoever adds a column or a table has to decide which, and
// say it here and in docs/moving.md.
func TestExportLeavesNothingOut(t *testing.T) {
	t.Parallel()
	where := storage{Data: t.TempDir()}
	db, err := where.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files := exportedColumns(t, db)
	docs := read(t, "../../docs/moving.md")
	docs = docs[strings.Index(docs, "\n## Out\n"):]
	for name := range files {
		if !strings.Contains(docs, "`"+name+"`") {
			t.Errorf("docs/moving.md does not name the file %s", name)
		}
	}
	for _, what := range staysIn {
		if !strings.Contains(docs, "`"+what+"`") {
			t.Errorf("docs/moving.md does not say why %s stays in", what)
		}
	}

	out, used := comesOut(), map[string]bool{}
	for _, column := range databaseColumns(t, where.file()) {
		table, _, _ := strings.Cut(column, ".")
		reason := slices.IndexFunc(staysIn, func(what string) bool {
			of, _ := path.Match(what, table)
			return of || what == column
		})
		field, comes := out[column]
		file, name, _ := strings.Cut(field, ".")
		switch {
		case comes && reason >= 0:
			t.Errorf("%s both comes out and stays in", column)
		case comes && !slices.Contains(files[file], name):
			t.Errorf("%s should come out as %s, which is not there", column, field)
		case !comes && reason < 0:
			t.Errorf("%s: export it, or say why it stays in", column)
		case comes:
			used[column] = true
		default:
			used[staysIn[reason]] = true
		}
	}
	for column := range out {
		if !used[column] {
			t.Errorf("%s is in no database", column)
		}
	}
	for _, what := range staysIn {
		if !used[what] {
			t.Errorf("%s is in no database", what)
		}
	}
}

// exportedColumns are the files of an export, and their columns.
func exportedColumns(t *testing.T, db *store.Store) map[string][]string {
	t.Helper()
	merchant := loyalty.Merchant{ID: loyalty.NewID(), Name: "Aurora", Created: time.Now()}
	err := inTransaction(t.Context(), db, func(tx *store.Tx) error { return tx.InsertMerchant(merchant) })
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	work := moving.Export{Merchant: merchant.ID, Source: db, Format: moving.CSV, Create: func(name string) (io.WriteCloser, error) {
		return os.Create(filepath.Join(folder, name))
	}}
	counts, err := work.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]string{}
	for name := range counts {
		if files[name], err = csv.NewReader(strings.NewReader(read(t, filepath.Join(folder, name+".csv")))).Read(); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// databaseColumns are all columns of all tables, as table.column.
func databaseColumns(t *testing.T, file string) (columns []string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(),
		"SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c WHERE t.type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, column)
	}
	if err := rows.Err(); err != nil || len(columns) < 100 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	return columns
}

func TestFillFolder(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	two := func(err error) func(func(string) (io.WriteCloser, error)) error {
		return func(create func(string) (io.WriteCloser, error)) error {
			for _, name := range []string{"a", "b"} {
				file, err := create(name)
				if err != nil {
					return err
				}
				if err := errors.Join(content(name)(file.(*os.File)), file.Close()); err != nil {
					return err
				}
			}
			return err
		}
	}
	names := func(folder string) (names []string) {
		there, _ := os.ReadDir(folder)
		for _, one := range there {
			names = append(names, one.Name())
		}
		return names
	}

	in := t.TempDir()
	if err := fillFolder(filepath.Join(in, "out")+"/", two(full)); !errors.Is(err, full) || names(in) != nil {
		t.Errorf("what was begun is left: %v, %v", err, names(in))
	}
	// While files are written, the folder is not there: it appears at once.
	err := fillFolder(filepath.Join(in, "out")+"/", func(create func(string) (io.WriteCloser, error)) error {
		err := two(nil)(create)
		if _, there := os.Stat(filepath.Join(in, "out")); there == nil {
			t.Error("the folder is there before it is whole")
		}
		return err
	})
	if err != nil || !slices.Equal(names(in), []string{"out"}) || !slices.Equal(names(filepath.Join(in, "out")), []string{"a", "b"}) {
		t.Errorf("%v, %v in %v", err, names(filepath.Join(in, "out")), names(in))
	}
	if err := fillFolder(filepath.Join(in, "out"), two(nil)); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("a folder that has files: %v", err)
	}

	mount := t.TempDir()
	if err := fillFolder(mount, two(full)); !errors.Is(err, full) || names(mount) != nil {
		t.Errorf("%v, %v", err, names(mount))
	}
	// One of the files cannot be moved: those before it are taken back.
	err = fillFolder(mount, func(create func(string) (io.WriteCloser, error)) error {
		if err := os.MkdirAll(filepath.Join(mount, "b", "in the way"), 0o700); err != nil {
			return err
		}
		return two(nil)(create)
	})
	if err == nil || !slices.Equal(names(mount), []string{"b"}) {
		t.Errorf("%v, %v", err, names(mount))
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(mount, "b")), fillFolder(mount, two(nil))); err != nil || !slices.Equal(names(mount), []string{"a", "b"}) {
		t.Errorf("%v, %v", err, names(mount))
	}
}
