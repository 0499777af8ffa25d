package jobs_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"stempel/internal/jobs"
)

// Of a kind whose workers all wait for somebody slow, no other kind's job has to wait.
// Within a kind those of many come after those that are alone, whichever was first.
func TestQueues(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d jobs.Database) {
		const workers = 3
		pushed, full := make(chan struct{}), make(chan struct{}, workers)
		var mu sync.Mutex
		var letters []string
		kinds := map[string]jobs.Kind{
			"slow": {Workers: workers, Do: jobs.Handle(func(ctx context.Context, _ string) error {
				full <- struct{}{}
				select {
				case <-pushed:
					return nil
				case <-ctx.Done():
					t.Error("the quick one waits for a slow one")
					return ctx.Err()
				}
			})},
			"quick": {Workers: 1, Do: jobs.Handle(func(context.Context, string) error {
				close(pushed)
				return nil
			})},
			"letter": {Workers: 1, Do: jobs.Handle(func(_ context.Context, name string) error {
				mu.Lock()
				defer mu.Unlock()
				letters = append(letters, name)
				return nil
			})},
		}
		o := &office{t: t, database: d}
		o.runner = o.open(kinds)
		for range 3 * workers {
			o.put(jobs.Job{Kind: "slow", Args: "x"})
		}
		o.put(jobs.Job{Kind: "letter", Args: "to all", Many: true}, jobs.Job{Kind: "letter", Args: "to all", Many: true})
		o.put(jobs.Job{Kind: "letter", Args: "to one"})
		if waiting, _, err := o.runner.Backlog(t.Context(), 100, "slow"); err != nil || waiting != 3*workers {
			t.Errorf("%d slow ones wait, %v", waiting, err)
		}
		if err := o.runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := o.runner.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		for range workers {
			<-full
		}
		o.put(jobs.Job{Kind: "quick", Args: "x"})
		<-pushed // nothing else lets the slow ones go on
		o.await("an empty backlog", func() bool {
			waiting, _, err := o.runner.Backlog(t.Context(), 100)
			for len(full) > 0 {
				<-full
			}
			return err == nil && waiting == 0
		})
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"to one", "to all", "to all"}; !slices.Equal(letters, want) {
			t.Errorf("letters went out %v, want %v", letters, want)
		}
	})
}

// Every kind keeps its dead letters, and they come back to the queue of their kind.
func TestDeadLettersOfKinds(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d jobs.Database) {
		var mu sync.Mutex
		refuse, done := true, map[string]int{}
		do := func(kind string) jobs.Kind {
			return jobs.Kind{Do: jobs.Handle(func(context.Context, string) error {
				mu.Lock()
				defer mu.Unlock()
				if refuse {
					return jobs.GiveUp(errRefused)
				}
				done[kind]++
				return nil
			})}
		}
		o := &office{t: t, database: d}
		o.runner = o.open(map[string]jobs.Kind{"one": do("one"), "two": do("two")})
		if err := o.runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := o.runner.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		o.put(jobs.Job{Kind: "one", Args: "x"}, jobs.Job{Kind: "two", Args: "x"})
		o.await("two dead letters", func() bool { return len(o.dead()) == 2 })
		for _, kind := range []string{"one", "two"} {
			if list, err := o.runner.Dead(t.Context(), 0, 10, kind); err != nil || len(list) != 1 || list[0].Kind != kind {
				t.Errorf("dead letters of %s: %+v, %v", kind, list, err)
			}
		}
		mu.Lock()
		refuse = false
		mu.Unlock()
		operator := o.open(nil) // as the command line has it: it does no jobs
		for _, letter := range o.dead() {
			if err := operator.Replay(t.Context(), letter.ID); err != nil {
				t.Fatal(err)
			}
		}
		o.await("both", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return done["one"] == 1 && done["two"] == 1
		})
	})
}

// A process that does not know a kind leaves its jobs to those that do.
func TestKindsOfOtherProcesses(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d jobs.Database) {
		o := &office{t: t, database: d, troubles: map[string][]error{}, done: map[string]int{}}
		o.runner = o.open(map[string]jobs.Kind{"other": {Do: jobs.Handle(o.work)}})
		if err := o.runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		o.put(jobs.Job{Kind: "work", Args: "left"}, jobs.Job{Kind: "other", Args: "mine"})
		o.await("its own", o.did("mine"))
		if err := o.runner.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		if waiting, _, err := o.runner.Backlog(t.Context(), 10, "work"); err != nil || waiting != 1 || len(o.dead()) != 0 {
			t.Errorf("%d wait, %v; dead: %v", waiting, err, o.dead())
		}
	})
}

// put puts jobs down.
func (o *office) put(list ...jobs.Job) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	tx, err := o.database.SQL.BeginTx(ctx, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	defer tx.Rollback()
	if err := o.runner.Add(ctx, tx, list...); err != nil {
		o.t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		o.t.Fatal(err)
	}
}
