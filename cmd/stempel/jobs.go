package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"stempel/internal/jobs"
	"stempel/internal/store"
)

// page is how many dead letters are read at once.
const page = 100

type deadJobs struct{ storage }

func (d *deadJobs) Run(ctx context.Context, s streams) error {
	return d.withJobs(ctx, func(runner *jobs.Runner) error {
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "JOB\tKIND\tATTEMPTS\tLAST TRIED\tFOR\tFAILED WITH")
		err := eachDead(ctx, runner, func(letter jobs.Dead) error {
			_, err := fmt.Fprintf(table, "%d\t%s\t%d\t%s\t%s\t%s\n", letter.ID, letter.Kind, letter.Attempts,
				letter.Since.UTC().Format(time.DateTime), letter.Args, letter.Problem)
			return err
		})
		return errors.Join(err, table.Flush())
	})
}

type replayJobs struct {
	storage
	All  bool `long:"all" description:"Every dead letter."`
	Args struct {
		Jobs []int64 `positional-arg-name:"<job>" description:"Their ids, from stempel jobs dead."`
	} `positional-args:"yes"`
}

func (r *replayJobs) check(wrong *problems) {
	r.storage.check(wrong)
	if r.All == (len(r.Args.Jobs) > 0) {
		wrong.add("jobs", "say which ones, or --all")
	}
}

func (r *replayJobs) Run(ctx context.Context, s streams) error {
	return r.withJobs(ctx, func(runner *jobs.Runner) error {
		ids := r.Args.Jobs
		if r.All {
			if err := eachDead(ctx, runner, func(letter jobs.Dead) error {
				ids = append(ids, letter.ID)
				return nil
			}); err != nil {
				return err
			}
		}
		for _, id := range ids {
			if err := runner.Replay(ctx, id); err != nil {
				return fmt.Errorf("job %d: %w", id, err)
			}
		}
		_, err := fmt.Fprintf(s.out, "%d jobs will be tried again.\n", len(ids))
		return err
	})
}

// withJobs runs a command on the jobs of a database that is there.
func (s *storage) withJobs(ctx context.Context, do func(*jobs.Runner) error) error {
	return s.withStore(ctx, func(db *store.Store) error {
		runner, err := jobs.New(jobsOf(db), jobs.Config{})
		if err != nil {
			return err
		}
		return do(runner)
	})
}

func jobsOf(db *store.Store) jobs.Database {
	handle, sqlite := db.SQL()
	return jobs.Database{SQL: handle, SQLite: sqlite}
}

func eachDead(ctx context.Context, runner *jobs.Runner, do func(jobs.Dead) error) error {
	for last := int64(0); ; {
		letters, err := runner.Dead(ctx, last, page)
		if err != nil || len(letters) == 0 {
			return err
		}
		for _, letter := range letters {
			if err := do(letter); err != nil {
				return err
			}
			last = letter.ID
		}
	}
}
