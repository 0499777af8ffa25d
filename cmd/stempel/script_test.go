package main

import (
	"database/sql"
	"os"
	"strconv"
	"strings"
	"testing"

	_ "github.com/glebarez/go-sqlite"
	"github.com/rogpeppe/go-internal/testscript"

	"stempel/internal/engines/enginetest"
	"stempel/internal/templates"
)

// scripted are what scripts have besides testscript's own:
//
//	await FILE TEXT        waits until FILE has TEXT in it
//	sql FILE STATEMENT     changes an SQLite database behind our back
var scripted = map[string]func(*testscript.TestScript, bool, []string){"await": await, "sql": change}

// Scripts use the command line as its users do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Cmds: scripted,
		Setup: func(e *testscript.Env) error {
			demo := len(templates.Names()) // a card of each
			e.Setenv("DEMO_CARDS", strconv.Itoa(demo))
			e.Setenv("DEMO_AND_IMPORTED_CARDS", strconv.Itoa(demo+7))
			return nil
		},
	})
}

// Those on PostgreSQL find an empty schema, which they share, in DATABASE_URL.
func TestScriptsOnPostgres(t *testing.T) {
	url := enginetest.Postgres(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script/postgres", Cmds: scripted,
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATABASE_URL", url)
			return nil
		},
	})
}

func await(s *testscript.TestScript, _ bool, args []string) {
	eventually(s, args[0]+" says "+args[1], func() bool {
		content, err := os.ReadFile(s.MkAbs(args[0]))
		return err == nil && strings.Contains(string(content), args[1])
	})
}

func change(s *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", s.MkAbs(args[0]))
	s.Check(err)
	defer db.Close()
	done, err := db.Exec(args[1])
	s.Check(err)
	if rows, err := done.RowsAffected(); err != nil || rows == 0 {
		s.Fatalf("nothing was changed (%v)", err)
	}
}
