package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines/enginetest"
	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

// TestSettlementPlan holds that settling a month of three years reads the entries of
// that month, a day before and after it, and of what they take back one by one: not the
// ledger, whether PostgreSQL knows how large that is or not.
func TestSettlementPlan(t *testing.T) {
	t.Parallel()
	shop := storetest.NewShop(t, enginetest.Postgres(t))
	one, err := store.Open(t.Context(), shop.URL, store.Options{Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	from, to := loyaltytest.Now.AddDate(1, 0, 0), loyaltytest.Now.AddDate(1, 1, 0)
	if _, _, err := one.Settlement(t.Context(), shop.Points.ID, from, to); err != nil {
		t.Fatal(err)
	}
	conn, err := one.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	fillYears(t, conn.Conn(), shop.Points.ID)

	var month, undone int
	within := fmt.Sprintf("FROM entries WHERE posted_at >= %d AND posted_at < %d", from.AddDate(0, 0, -1).UnixMicro(), to.AddDate(0, 0, 1).UnixMicro())
	if err := conn.QueryRow(t.Context(), "SELECT count(*), count(*) FILTER (WHERE kind = 6) "+within).Scan(&month, &undone); err != nil {
		t.Fatal(err)
	}
	explained := 0
	for _, analysed := range []bool{false, true} {
		if analysed {
			run(t, conn.Conn(), "ANALYZE entries")
		}
		for _, p := range preparedStatements(t, conn.Conn()) {
			if !strings.Contains(p.statement, "GROUP BY 1, 2, 3, 4, 5, 6") {
				continue
			}
			explained++
			ran := explainRun(t, conn.Conn(), p, from, to, shop.Points.ID)
			t.Logf("analysed %t: %d of %d entries are read, %d of them taken back", analysed, ran.read(), month, undone)
			// Whose, by which version and what it was is asked of each that is taken back.
			if most := month + 3*undone; ran.read() > most || ran.seq() {
				t.Errorf("analysed %t: %d entries are read, the month has %d\n%s\n%s", analysed, ran.read(), month, p.statement, ran.text)
			}
		}
	}
	if explained != 2 {
		t.Errorf("%d statements were explained", explained)
	}
}

// fillYears fills three years with 36,000 entries, one of fifty a void of one posted
// before.
func fillYears(t *testing.T, conn *pgx.Conn, program loyalty.ProgramID) {
	t.Helper()
	const step = 2628 * time.Second // a year has 12,000 of them
	run(t, conn, fmt.Sprintf(`CREATE FUNCTION at(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT %d + n * %d'`, loyaltytest.Now.UnixMicro(), step.Microseconds()))
	run(t, conn, `CREATE FUNCTION id(n bigint) RETURNS uuid LANGUAGE sql
		AS $$ SELECT (lpad(to_hex(at(n) / 1000), 12, '0') || '7000' || lpad(to_hex(n), 16, '0'))::uuid $$`)
	run(t, conn, fmt.Sprintf(`INSERT INTO entries
		(id, merchant_id, operator_id, card_id, seq, kind, units, balance, program_id, version, method, captured_at, posted_at, origin_id, hash)
		SELECT id(n), m, m, m, n, CASE WHEN n %% 50 = 0 THEN 6 ELSE 1 END, 1, n, m, 1, 1, at(n), at(n), CASE WHEN n %% 50 = 0 THEN id(n / 2 + 1) END, '\x00'
		FROM generate_series(1, 36000) n, (SELECT '%x'::uuid AS m) m`, program[:]))
}

// ran is a node of what EXPLAIN ANALYZE prints.
type ran struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Rechecks float64 `json:"Rows Removed by Index Recheck"`
	Plans    []ran   `json:"Plans"`
	text     string
}

// read is how many entries were read, again and again counted.
func (r ran) read() (n int) {
	if r.Relation == "entries" {
		n = int((r.Rows + r.Removed + r.Rechecks) * r.Loops)
	}
	for _, child := range r.Plans {
		n += child.read()
	}
	return n
}

// seq reports whether a table was read from its beginning to its end.
func (r ran) seq() bool {
	all := r.Type == "Seq Scan"
	for _, child := range r.Plans {
		all = all || child.seq()
	}
	return all
}

// explainRun runs one of the settlement's statements, whose parameters come in the order
// of its text.
func explainRun(t *testing.T, conn *pgx.Conn, p prepared, from, to time.Time, program loyalty.ProgramID) ran {
	t.Helper()
	bound := func(at time.Time) string { return fmt.Sprintf("'%012x70000000000000000000'::uuid", at.UnixMilli()) }
	values := []string{
		bound(from.AddDate(0, 0, -1)), bound(to.AddDate(0, 0, 1)), fmt.Sprintf("'%x'::uuid", program[:]),
		fmt.Sprint(from.UnixMicro()), fmt.Sprint(to.UnixMicro()),
	}
	if len(p.types) != len(values) {
		t.Fatalf("%s takes %v", p.statement, p.types)
	}
	var text string
	err := conn.QueryRow(t.Context(), fmt.Sprintf("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE %q (%s)", p.name, strings.Join(values, ", ")),
		pgx.QueryExecModeSimpleProtocol).Scan(&text)
	if err != nil {
		t.Fatalf("%s: %v", p.statement, err)
	}
	var plans []struct{ Plan ran }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	plans[0].Plan.text = text
	return plans[0].Plan
}
