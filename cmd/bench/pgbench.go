package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stempel/internal/engines"
)

// pgbench is the yardstick: the least that PostgreSQL can be asked to do for a
// scan. One prepared statement takes a card's row on and writes an entry's, both
// by primary key, both durable when it answers.
type pgbench struct {
	binary   string
	database *url.URL
	dir      string // for its script and logs
	cards    int
	clients  int
	seconds  int
}

const pgbenchTables = `
CREATE TABLE bench_card (
	id bigint PRIMARY KEY, balance bigint NOT NULL, seq bigint NOT NULL, last_earn timestamptz NOT NULL
);
CREATE TABLE bench_entry (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	card bigint NOT NULL, seq bigint NOT NULL, units bigint NOT NULL, balance bigint NOT NULL, posted timestamptz NOT NULL
);
INSERT INTO bench_card SELECT n, 0, 0, now() FROM generate_series(1, $1::bigint) AS n;
VACUUM ANALYZE bench_card`

const pgbenchScript = `\set id random(1, :cards)
WITH c AS (
	UPDATE bench_card SET balance = balance + 1, seq = seq + 1, last_earn = now() WHERE id = :id RETURNING id, seq, balance
) INSERT INTO bench_entry (card, seq, units, balance, posted) SELECT id, seq, 1, balance, now() FROM c;
`

// sampling is the share of transactions whose latency pgbench writes down: of
// each stretch some thousands, which is enough for p99 and costs nothing.
const sampling = 0.1

// openPgbench makes its tables.
func openPgbench(ctx context.Context, database, dir string, cards, clients, seconds int) (*pgbench, error) {
	binary, err := engines.PostgresBinary("pgbench")
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(database)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	for statement := range strings.SplitSeq(pgbenchTables, ";") {
		var args []any
		if strings.Contains(statement, "$1") {
			args = append(args, cards)
		}
		if _, err := conn.Exec(ctx, statement, args...); err != nil {
			return nil, fmt.Errorf("the tables of pgbench: %w", err)
		}
	}
	p := &pgbench{binary, parsed, dir, cards, clients, seconds}
	return p, os.WriteFile(p.script(), []byte(pgbenchScript), 0o600)
}

func (p *pgbench) script() string { return filepath.Join(p.dir, "script.sql") }

// run is one stretch of pgbench. CPU times are its own; the server's are for the
// caller to take.
func (p *pgbench) run(ctx context.Context) (measured, error) {
	prefix := filepath.Join(p.dir, "log")
	cmd := exec.CommandContext(ctx, p.binary,
		"--protocol=prepared", "--no-vacuum", "--file="+p.script(), "--define=cards="+strconv.Itoa(p.cards),
		"--client="+strconv.Itoa(p.clients), "--jobs="+strconv.Itoa(min(2, p.clients)), "--time="+strconv.Itoa(p.seconds),
		"--log", "--log-prefix="+prefix, "--sampling-rate="+fmt.Sprint(sampling))
	cmd.Env = append(os.Environ(), p.environment()...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return measured{}, fmt.Errorf("pgbench: %w\n%s", err, errs.Bytes())
	}
	m, err := parsePgbench(out.String())
	if err != nil {
		return measured{}, fmt.Errorf("%w:\n%s", err, out.Bytes())
	}
	m.spent.client = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	m.latencies, err = readLogs(prefix)
	return m, err
}

// environment keeps the password out of the command line, which others can see.
func (p *pgbench) environment() []string {
	password, _ := p.database.User.Password()
	return []string{
		"PGHOST=" + p.database.Hostname(), "PGPORT=" + p.database.Port(),
		"PGUSER=" + p.database.User.Username(), "PGPASSWORD=" + password,
		"PGDATABASE=" + strings.TrimPrefix(p.database.Path, "/"), "PGSSLMODE=disable",
	}
}

// parsePgbench reads what pgbench prints at the end. Its rate leaves out the time
// in which the clients connected.
func parsePgbench(report string) (measured, error) {
	_, rest, okCount := strings.Cut(report, "number of transactions actually processed: ")
	countText, _, _ := strings.Cut(rest, "\n")
	count, errCount := strconv.Atoi(strings.TrimSpace(countText))
	_, rest, okRate := strings.Cut(report, "tps = ")
	rateText, _, _ := strings.Cut(rest, " ")
	rate, errRate := strconv.ParseFloat(rateText, 64)
	if !okCount || !okRate || errCount != nil || errRate != nil || count <= 0 || !(rate > 0) {
		return measured{}, fmt.Errorf("pgbench tells of no transactions")
	}
	return measured{count: count, elapsed: time.Duration(float64(count) / rate * float64(time.Second))}, nil
}

// readLogs reads and removes the logs of one run: one file a thread.
func readLogs(prefix string) ([]time.Duration, error) {
	paths, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return nil, err
	}
	var latencies []time.Duration
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if latencies, err = appendLatencies(latencies, string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	slices.Sort(latencies)
	return latencies, nil
}

// appendLatencies reads a log of pgbench: a line for each transaction, whose
// third field is its time in µs.
func appendLatencies(latencies []time.Duration, log string) ([]time.Duration, error) {
	for line := range strings.Lines(log) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			return nil, fmt.Errorf("%q is not a transaction", line)
		}
		took, err := strconv.ParseUint(fields[2], 10, 40)
		if err != nil {
			return nil, fmt.Errorf("%q is not a transaction", line)
		}
		latencies = append(latencies, time.Duration(took)*time.Microsecond)
	}
	return latencies, nil
}
