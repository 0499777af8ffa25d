package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/jobs"
	"stempel/internal/store"
	"stempel/internal/store/storetest"
)

var errRefused = errors.New("refused for good")

func TestJobs(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d jobs.Database) {
		o := &office{t: t, database: d, troubles: map[string][]error{}, done: map[string]int{}}
		o.runner = o.open(nil)
		o.run()
	})
}

// eachDatabase runs a test on both, with tables that three processes made at once.
func eachDatabase(t *testing.T, test func(*testing.T, jobs.Database)) {
	for name, url := range map[string]func(testing.TB) string{
		"PostgreSQL": enginetest.Postgres,
		"SQLite":     storetest.SQLite,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), url(t), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			sql, sqlite := s.SQL()
			d := jobs.Database{SQL: sql, SQLite: sqlite}
			var starting sync.WaitGroup
			for range 3 { // those that come late find everything there
				starting.Go(func() {
					if err := jobs.Migrate(t.Context(), d); err != nil {
						t.Error(err)
					}
				})
			}
			starting.Wait()
			test(t, d)
		})
	}
}

// office is a place where jobs are done.
type office struct {
	t        *testing.T
	database jobs.Database
	runner   *jobs.Runner // that adds

	mu       sync.Mutex
	troubles map[string][]error // what still goes wrong with a job, one at a time
	done     map[string]int
}

func (o *office) open(kinds map[string]jobs.Kind) *jobs.Runner {
	runner, err := jobs.New(o.database, jobs.Config{Kinds: kinds, Poll: 20 * time.Millisecond})
	if err != nil {
		o.t.Fatal(err)
	}
	return runner
}

func (o *office) work(_ context.Context, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if left := o.troubles[name]; len(left) > 0 {
		o.troubles[name] = left[1:]
		return left[0]
	}
	o.done[name]++
	return nil
}

func (o *office) add(commit bool, names ...string) {
	o.t.Helper()
	tx, err := o.database.SQL.BeginTx(o.t.Context(), nil)
	if err != nil {
		o.t.Fatal(err)
	}
	defer tx.Rollback()
	for _, name := range names {
		if err := o.runner.Add(o.t.Context(), tx, jobs.Job{Kind: "work", Args: name}); err != nil {
			o.t.Fatal(err)
		}
	}
	if !commit {
		return
	}
	if err := tx.Commit(); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) await(what string, is func() bool) {
	o.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("waited in vain for %s: done %v", what, o.done)
		}
	}
}

func (o *office) did(names ...string) func() bool {
	return func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, name := range names {
			if o.done[name] != 1 {
				return false
			}
		}
		return true
	}
}

func (o *office) dead() []jobs.Dead {
	list, err := o.runner.Dead(o.t.Context(), 0, 10)
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

func (o *office) run() {
	t := o.t
	o.troubles["shaky"] = []error{errors.New("the network is down")}
	o.troubles["busy"] = []error{jobs.Later(10 * time.Millisecond)}
	o.troubles["hopeless"] = []error{jobs.GiveUp(errRefused)}
	o.add(false, "rolled back")
	o.add(true, "plain", "shaky", "busy", "hopeless")
	if waiting, since, err := o.runner.Backlog(t.Context(), 10); err != nil || waiting != 4 || since.IsZero() {
		t.Errorf("%d wait since %v, %v", waiting, since, err)
	}

	kinds := map[string]jobs.Kind{"work": {Do: jobs.Handle(o.work)}}
	for range 2 { // two processes
		runner := o.open(kinds)
		if err := runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := runner.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}()
	}
	o.await("all but the hopeless", o.did("plain", "shaky", "busy"))
	o.await("the dead letter", func() bool { return len(o.dead()) == 1 })
	letter := o.dead()[0]
	if letter.Kind != "work" || string(letter.Args) != `"hopeless"` || letter.Problem == "" || letter.Attempts != 1 || letter.Since.IsZero() {
		t.Errorf("the dead letter is %+v", letter)
	}
	if more, err := o.runner.Dead(t.Context(), letter.ID, 10); err != nil || len(more) != 0 {
		t.Errorf("after it: %+v, %v", more, err)
	}
	if err := o.runner.Replay(t.Context(), letter.ID); err != nil {
		t.Fatal(err)
	}
	o.await("the replayed one", o.did("hopeless"))
	for _, id := range []int64{letter.ID, 1 << 40} {
		if err := o.runner.Replay(t.Context(), id); !errors.Is(err, jobs.ErrNotDead) {
			t.Errorf("replaying %d: %v", id, err)
		}
	}
	o.await("an empty backlog", func() bool {
		waiting, _, err := o.runner.Backlog(t.Context(), 10)
		return err == nil && waiting == 0
	})
	if o.did("rolled back")() {
		t.Error("a job was done whose transaction was rolled back")
	}
}

func TestArgumentsThatCannotBeRead(t *testing.T) {
	handler := jobs.Handle(func(context.Context, int) error { return nil })
	if err := handler(t.Context(), []byte(`"one"`)); err == nil {
		t.Error("took a text for a number")
	}
}

// Jobs that an earlier version left in River's own queue are done in their kind's.
func TestJobsOfNoQueue(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, d jobs.Database) {
		o := &office{t: t, database: d, troubles: map[string][]error{}, done: map[string]int{}}
		o.runner = o.open(nil)
		tx, err := d.SQL.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(o.runner.Add(t.Context(), tx, jobs.Job{Kind: "letter", Args: "anna"}), tx.Commit()); err != nil {
			t.Fatal(err)
		}
		if _, err := d.SQL.ExecContext(t.Context(), "UPDATE river_job SET queue = 'default'"); err != nil {
			t.Fatal(err)
		}
		if err := jobs.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		var queue string
		if err := d.SQL.QueryRowContext(t.Context(), "SELECT queue FROM river_job").Scan(&queue); err != nil || queue != "letter" {
			t.Errorf("the job is in the queue %q, %v", queue, err)
		}
	})
}
