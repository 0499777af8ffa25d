package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Database is where jobs are kept: the one that holds what they are for.
type Database struct {
	SQL    *sql.DB // of SQLite, the only writer
	SQLite bool
}

func (d Database) driver() riverdriver.Driver[*sql.Tx] {
	if d.SQLite {
		return riversqlite.New(d.SQL)
	}
	return riverdatabasesql.New(d.SQL)
}

// Migrate makes or updates the tables of jobs. Several processes may do so at
// once.
func Migrate(ctx context.Context, d Database) error {
	if d.SQLite { // each migration is a transaction of the one writer: who loses a race looks again
		var err error
		for range races {
			if err = migrate(ctx, d); err == nil || ctx.Err() != nil {
				return err
			}
		}
		return err
	}
	conn, err := d.SQL.Conn(ctx)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	defer conn.Close()
	const lock, unlock = "SELECT pg_advisory_lock(19471, hashtext(current_schema()))", "SELECT pg_advisory_unlock(19471, hashtext(current_schema()))"
	if _, err := conn.ExecContext(ctx, lock); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), unlock) // if it fails, so has the session
	return migrate(ctx, d)
}

const races = 10

func migrate(ctx context.Context, d Database) error {
	migrator, err := rivermigrate.New(d.driver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return d.sort(ctx)
}

// sort puts jobs that come from before each kind had a queue of its own into theirs:
// nobody works in the queue where River had them.
func (d Database) sort(ctx context.Context) error {
	kind := "args->>'kind'"
	if d.SQLite {
		kind = "json_extract(args, '$.kind')"
	}
	_, err := d.SQL.ExecContext(ctx, "UPDATE river_job SET queue = "+kind+" WHERE queue = '"+river.QueueDefault+"' AND kind = '"+task{}.Kind()+"'")
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Config of a Runner. Zero values mean the defaults.
type Config struct {
	Kinds    map[string]Kind // by name, which is stored: letters, digits, - and _; those that this process does
	Patience time.Duration   // how long one attempt may take. Default 30 s
	Poll     time.Duration   // how often it looks for jobs of other processes. Default 1 s
	Log      *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// How long jobs are kept, and how often they are tried: for about a day.
const (
	keepDone = time.Hour
	keepDead = 30 * 24 * time.Hour
	attempts = 36
	longest  = time.Hour // between two attempts
)

// letGo is how long after its patience a job may at most be under way: its context has
// ended, and what became of it is being stored. One that is under way for longer
// belonged to a process that was killed; River looks for those every 30 s.
const letGo = 10 * time.Second

// workers is how many jobs of a kind are done at the same time where nothing is said.
const workers = 8

// Priorities of jobs within their queue, as River counts them.
const (
	alone     = 1
	amongMany = 2
)

// breath is the shortest time between two looks for jobs. As many are fetched as
// there are workers free: it bounds how fast short ones are done. In SQLite each look
// is a transaction of the one writer.
func (d Database) breath() time.Duration {
	if d.SQLite {
		return 100 * time.Millisecond
	}
	return 10 * time.Millisecond
}

// Runner adds jobs, and does them between Start and Stop.
type Runner struct {
	client *river.Client[*sql.Tx]
	does   bool
}

// task is every job as River sees it.
type task struct {
	Of   string          `json:"kind"`
	Args json.RawMessage `json:"args"`
}

func (task) Kind() string { return "task" }

// New makes a runner. Migrate must have been called once before.
func New(d Database, c Config) (*Runner, error) {
	c = c.withDefaults()
	settings := &river.Config{
		Logger:                      slog.New(atLeast{slog.LevelError, c.Log.Handler()}),
		MaxAttempts:                 attempts,
		RetryPolicy:                 pauses{},
		JobTimeout:                  c.Patience,
		RescueStuckJobsAfter:        c.Patience + letGo, // of a process that was killed
		FetchPollInterval:           c.Poll,
		FetchCooldown:               min(c.Poll, d.breath()),
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDead,
		DiscardedJobRetentionPeriod: keepDead,
	}
	if len(c.Kinds) > 0 {
		settings.Workers = river.NewWorkers()
		river.AddWorker(settings.Workers, &worker{kinds: c.Kinds})
		settings.Queues = map[string]river.QueueConfig{}
		for name, kind := range c.Kinds {
			settings.Queues[name] = river.QueueConfig{MaxWorkers: cmp.Or(kind.Workers, workers)}
		}
	}
	client, err := river.NewClient(d.driver(), settings)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Runner{client, len(c.Kinds) > 0}, nil
}

// Start begins to do jobs. It works until Stop, whatever becomes of ctx.
func (r *Runner) Start(ctx context.Context) error {
	if !r.does {
		return nil
	}
	return r.client.Start(context.WithoutCancel(ctx))
}

// Stop waits for the jobs under way, or, when ctx ends first, cancels them: they
// are tried again.
func (r *Runner) Stop(ctx context.Context) error {
	if !r.does {
		return nil
	}
	if err := r.client.Stop(ctx); err != nil {
		return r.client.StopAndCancel(context.WithoutCancel(ctx))
	}
	return nil
}

// Add puts jobs down in a transaction: they exist if it commits.
func (r *Runner) Add(ctx context.Context, tx *sql.Tx, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	many := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		args, err := json.Marshal(job.Args)
		if err != nil {
			return fmt.Errorf("jobs: arguments of %s: %w", job.Kind, err)
		}
		many[i] = river.InsertManyParams{Args: task{job.Kind, args}, InsertOpts: &river.InsertOpts{Queue: job.Kind, Priority: alone}}
		if job.Many {
			many[i].InsertOpts.Priority = amongMany
		}
	}
	if _, err := r.client.InsertManyFastTx(ctx, tx, many); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// worker hands a job to the handler of its kind, whose queue it came from.
type worker struct {
	river.WorkerDefaults[task]
	kinds map[string]Kind
}

func (w *worker) Work(ctx context.Context, job *river.Job[task]) error {
	err := w.kinds[job.Args.Of].Do(ctx, job.Args.Args) // it has a queue of its own
	var wait later
	var dead givenUp
	switch {
	case errors.As(err, &wait):
		return river.JobSnooze(wait.after)
	case errors.As(err, &dead):
		return river.JobCancel(dead.error)
	}
	return err
}

// pauses double from a second to an hour.
type pauses struct{}

// NextRetry implements River's retry policy.
func (pauses) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(pause(len(job.Errors)))
}

// pause is how long to wait after so many failures before this one.
func pause(failures int) time.Duration {
	if failures > 12 {
		return longest
	}
	return min(time.Second<<failures, longest)
}

// atLeast keeps River's own chatter out of the log: what fails is told by
// whoever handles it, and as dead letters.
type atLeast struct {
	level slog.Level
	slog.Handler
}

func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.level, h.Handler.WithAttrs(attrs)}
}

func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.level, h.Handler.WithGroup(name)}
}
