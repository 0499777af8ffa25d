package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

type movingCommand struct {
	Cards  int    `long:"cards" default:"1000000" description:"Cards to move in."`
	Rounds int    `long:"rounds" default:"3" description:"Paired rounds."`
	JSON   string `long:"json" env:"IMPORT_JSON" value-name:"PATH" description:"Where to write the figures as one flat JSON object."`
}

func (m *movingCommand) Validate() error {
	if m.Cards < 1000 || m.Rounds < 1 {
		return errors.New("it takes 1000 cards and 1 round")
	}
	return nil
}

// Run measures `stempel import` beside the least that PostgreSQL can be asked to
// do for the same rows: COPY them into bare tables, and insert from there into
// the real ones, with their keys and indexes.
func (m *movingCommand) Run(ctx context.Context) error {
	s, err := openSite(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	shop, err := seed(ctx, s.onPostgres().url(), s.master, 1, 1)
	if err != nil {
		return err
	}
	if err := reuseWAL(ctx, s.postgres.URL()); err != nil {
		return err
	}
	f := figures{}
	for _, kind := range []struct {
		name    string
		tables  []string
		members bool
	}{
		{"import", cardTables, false},
		{"import_members", slices.Concat(cardTables, memberTables), true},
	} {
		var ratios, rates []float64
		var memory int64
		for round := range m.Rounds {
			file := filepath.Join(s.dir, "cards.csv")
			if err := m.write(file, round, kind.members); err != nil {
				return err
			}
			took, peak, err := m.move(ctx, s, shop, file)
			if err != nil {
				return err
			}
			copied, err := m.copy(ctx, s, kind.tables)
			if err != nil {
				return err
			}
			note("%s, round %d of %d: %.0f rows a second, COPY %.0f", kind.name, round+1, m.Rounds, float64(m.Cards)/took.Seconds(), float64(m.Cards)/copied.Seconds())
			ratios, rates = append(ratios, copied.Seconds()/took.Seconds()), append(rates, float64(m.Cards)/took.Seconds())
			memory = max(memory, peak)
		}
		slices.Sort(ratios)
		slices.Sort(rates)
		ratio, rate := ratios[len(ratios)/2], rates[len(rates)/2]
		f[kind.name+"_vs_copy"], f[kind.name+"_cards_per_s"], f[kind.name+"_rss_mib"] = ratio, rate, mebibytes(memory)
		fmt.Printf("%s: %.3f of COPY and insert-select, %.0f rows a second, %.1f MiB at most (medians of %d rounds, %d rows each)\n",
			kind.name, ratio, rate, mebibytes(memory), m.Rounds, m.Cards)
	}
	return f.write(m.JSON)
}

// write makes a file of cards that no other round has, each with a member of its
// own if wanted.
func (m *movingCommand) write(path string, round int, members bool) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	to := bufio.NewWriter(file)
	if !members {
		fmt.Fprintln(to, "ref,balance")
		for i := range m.Cards {
			fmt.Fprintf(to, "%d-%07d,%d\n", round, i, 1+i%9)
		}
		return to.Flush()
	}
	fmt.Fprintln(to, "ref,balance,phone,email,name")
	for i := range m.Cards {
		fmt.Fprintf(to, "%d-%07d,%d,+49151%08d,customer%d@mail.example,Anna Kowalska\n", round, i, 1+i%9, 10_000_000+i, i)
	}
	return to.Flush()
}

// move runs the real command, and returns its time and the most memory it had.
func (m *movingCommand) move(ctx context.Context, s *site, shop *shop, file string) (time.Duration, int64, error) {
	cmd := exec.CommandContext(ctx, s.binary, "import", "--program", shop.stamps.String(), file)
	cmd.Env = append(os.Environ(), s.environment(s.onPostgres())...)
	begin := time.Now()
	if said, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("stempel import: %w\n%s", err, said)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, errors.New("this system does not tell how much memory a process had")
	}
	return time.Since(begin), usage.Maxrss << 10, nil
}

// The tables that an import of cards with balances fills, and of their members.
// Those referred to come first.
var (
	cardTables   = []string{"cards", "enrolments", "entries"}
	memberTables = []string{"members", "contacts", "card_members"}
)

// copy takes the cards of a round out again, and puts them back the plain way.
func (m *movingCommand) copy(ctx context.Context, s *site, tables []string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, s.postgres.URL())
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	files := map[string]string{}
	for _, table := range tables {
		files[table] = filepath.Join(s.dir, table)
		if err := copyOut(ctx, conn, "COPY "+table+" TO STDOUT (FORMAT binary)", files[table]); err != nil {
			return 0, err
		}
	}
	if _, err := conn.Exec(ctx, truncation(tables)); err != nil {
		return 0, err
	}
	begin := time.Now()
	for _, table := range tables {
		if _, err := conn.Exec(ctx, strings.ReplaceAll("CREATE TEMP TABLE bare AS SELECT * FROM $ LIMIT 0", "$", table)); err != nil {
			return 0, err
		}
		if err := copyIn(ctx, conn, "COPY bare FROM STDIN (FORMAT binary)", files[table]); err != nil {
			return 0, err
		}
		if _, err := conn.Exec(ctx, strings.ReplaceAll("INSERT INTO $ SELECT * FROM bare; DROP TABLE bare", "$", table)); err != nil {
			return 0, err
		}
	}
	took := time.Since(begin)
	_, err = conn.Exec(ctx, truncation(tables))
	return took, err
}

// truncation empties tables, and consents, which refer to members.
func truncation(tables []string) string { return "TRUNCATE " + strings.Join(tables, ", ") + " CASCADE" }

func copyOut(ctx context.Context, conn *pgx.Conn, statement, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = conn.PgConn().CopyTo(ctx, file, statement)
	return err
}

func copyIn(ctx context.Context, conn *pgx.Conn, statement, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = conn.PgConn().CopyFrom(ctx, file, statement)
	return err
}
