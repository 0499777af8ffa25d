package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSQLitePlans holds that SQLite looks rows up by index, too. What it scans
// are only the parameters.
func TestSQLitePlans(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "stempel.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*lookup{
		cardLookup, stockLookup, claimLookup, tillLookup, useLookup, secretLookup, answerLookup, liveVoucherLookup, voucherLookup,
		tallyLookup, originLookup, creditLookup, versionLookup, poolLookup, handedLookup, shownPoolLookup, memberLookup,
	} {
		checkSQLitePlan(t, s, l.forSQLite(3))
	}
	for _, c := range []*change{updateCards, updateVouchers, updateStock, updateTallies, updateClaims, deletePurchases, markDirty, handCodes} {
		checkSQLitePlan(t, s, c.forSQLite(3))
	}
	checkSQLitePlan(t, s, lastNumber)
}

func checkSQLitePlan(t *testing.T, s *Store, statement string) {
	t.Helper()
	parameters := make([]any, strings.Count(statement, "?"))
	rows, err := s.engine.(*lite).writer.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, parameters...)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	err = each(rows, func(r source) {
		r.number() // id, parent and an unused column
		r.number()
		r.number()
		step := r.text()
		if strings.HasPrefix(step, "SCAN") && step != "SCAN n" && !strings.HasSuffix(step, "CONSTANT ROWS") && !strings.HasSuffix(step, "VALUES CLAUSE") {
			t.Errorf("%s\n%s", step, statement)
		}
		if strings.HasPrefix(step, "SEARCH") && !strings.Contains(step, "(") { // by no column: SQLite calls it so where only the greatest is asked for
			t.Errorf("%s\n%s", step, statement)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// A pool may have had a million codes: they are counted by an index, without a look at
// any of them.
func TestCodesAreCountedByIndex(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "stempel.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"SELECT " + codeCounts + " FROM codes c WHERE " + arrived,
		"SELECT c.import_id, max(c.imported_at), " + codeCounts + " FROM codes c WHERE " + arrived + " AND c.merchant_id = ? GROUP BY c.import_id ORDER BY c.import_id DESC LIMIT 50",
		leftCodes + " LIMIT 9",
	} {
		rows, err := s.engine.(*lite).writer.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		var plan []string
		err = each(rows, func(r source) {
			r.number()
			r.number()
			r.number()
			if step := r.text(); strings.HasPrefix(step, "SEARCH c ") {
				plan = append(plan, step)
			}
		})
		if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "COVERING INDEX") {
			t.Errorf("%s: %q, %v", statement, plan, err)
		}
	}
}
