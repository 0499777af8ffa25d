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
	Cards  int    `default:"1000000" help:"Cards to move in (${default})."`
	Rounds int    `default:"3" help:"Paired rounds (${default})."`
	JSON   string `name:"json" env:"IMPORT_JSON" placeholder:"PATH" help:"Where to write the figures as one flat JSON object."`
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
	var ratios, rates []float64
	var memory int64
	for round := range m.Rounds {
		file := filepath.Join(s.dir, "cards.csv")
		if err := m.write(file, round); err != nil {
			return err
		}
		took, peak, err := m.move(ctx, s, shop, file)
		if err != nil {
			return err
		}
		copied, err := m.copy(ctx, s)
		if err != nil {
			return err
		}
		note("round %d of %d: %.0f cards a second, COPY %.0f", round+1, m.Rounds, float64(m.Cards)/took.Seconds(), float64(m.Cards)/copied.Seconds())
		ratios, rates = append(ratios, copied.Seconds()/took.Seconds()), append(rates, float64(m.Cards)/took.Seconds())
		memory = max(memory, peak)
	}
	slices.Sort(ratios)
	slices.Sort(rates)
	f := figures{
		"import_vs_copy": ratios[len(ratios)/2], "import_cards_per_s": rates[len(rates)/2], "import_rss_mib": mebibytes(memory),
	}
	fmt.Printf("import: %.3f of COPY and insert-select, %.0f cards a second, %.1f MiB at most (medians of %d rounds, %d cards each)\n",
		f["import_vs_copy"], f["import_cards_per_s"], f["import_rss_mib"], m.Rounds, m.Cards)
	return f.write(m.JSON)
}

// write makes a file of cards that no other round has.
func (m *movingCommand) write(path string, round int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	to := bufio.NewWriter(file)
	fmt.Fprintln(to, "ref,balance")
	for i := range m.Cards {
		fmt.Fprintf(to, "%d-%07d,%d\n", round, i, 1+i%9)
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

// movedTables are those that an import of cards with balances fills.
var movedTables = []string{"cards", "enrolments", "entries"}

// copy takes the cards of a round out again, and puts them back the plain way.
func (m *movingCommand) copy(ctx context.Context, s *site) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, s.postgres.URL())
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	files := map[string]string{}
	for _, table := range movedTables {
		files[table] = filepath.Join(s.dir, table)
		if err := copyOut(ctx, conn, "COPY "+table+" TO STDOUT (FORMAT binary)", files[table]); err != nil {
			return 0, err
		}
		if _, err := conn.Exec(ctx, "TRUNCATE "+table); err != nil {
			return 0, err
		}
	}
	begin := time.Now()
	for _, table := range movedTables {
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
	_, err = conn.Exec(ctx, "TRUNCATE "+strings.Join(movedTables, ", "))
	return took, err
}

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
