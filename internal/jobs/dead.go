package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

var deadStates = []rivertype.JobState{rivertype.JobStateDiscarded, rivertype.JobStateCancelled}

// Dead are the dead letters, oldest first, at most limit, after the one with an id
// (0: from the start). No kinds mean all.
func (r *Runner) Dead(ctx context.Context, after int64, limit int, kinds ...string) ([]Dead, error) {
	found, err := r.client.JobList(ctx, river.NewJobListParams().States(deadStates...).Queues(kinds...).
		Where("id > @after", river.NamedArgs{"after": after}).
		OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(limit))
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	list := make([]Dead, len(found.Jobs))
	for i, job := range found.Jobs {
		if list[i], err = letter(job); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func letter(job *rivertype.JobRow) (Dead, error) {
	var t task
	if err := json.Unmarshal(job.EncodedArgs, &t); err != nil {
		return Dead{}, fmt.Errorf("jobs: job %d: %w", job.ID, err)
	}
	d := Dead{ID: job.ID, Kind: t.Of, Args: t.Args, Attempts: job.Attempt, Since: job.CreatedAt}
	if job.AttemptedAt != nil {
		d.Since = *job.AttemptedAt
	}
	if n := len(job.Errors); n > 0 {
		d.Problem = job.Errors[n-1].Error
	}
	return d, nil
}

// Replay has a dead letter tried again, with as many attempts as a new job.
// Errors: ErrNotDead.
func (r *Runner) Replay(ctx context.Context, id int64) error {
	job, err := r.client.JobGet(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) || err == nil && job.State != rivertype.JobStateDiscarded && job.State != rivertype.JobStateCancelled {
		return ErrNotDead
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := r.client.JobRetry(ctx, id); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Backlog is how many jobs of kinds (none: of all) wait to be done or to be tried
// again, up to limit, and since when the oldest does; the zero time for none.
func (r *Runner) Backlog(ctx context.Context, limit int, kinds ...string) (waiting int, since time.Time, err error) {
	found, err := r.client.JobList(ctx, river.NewJobListParams().Queues(kinds...).
		States(rivertype.JobStateAvailable, rivertype.JobStateRetryable, rivertype.JobStateScheduled, rivertype.JobStateRunning, rivertype.JobStatePending).
		OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(limit))
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("jobs: %w", err)
	}
	if len(found.Jobs) > 0 {
		since = found.Jobs[0].CreatedAt
	}
	return len(found.Jobs), since, nil
}
