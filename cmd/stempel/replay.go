package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stempel/api"
	"stempel/internal/loyalty"
	"stempel/internal/rules"
	"stempel/internal/store"
	"stempel/internal/whatif"
)

type replayProgram struct {
	storage
	Program string `long:"program" required:"yes" value-name:"ID" description:"The program."`
	File    string `short:"f" long:"file" value-name:"FILE" description:"YAML file with the other rules; - reads standard input. Without it, those of the program's draft."`
	From    string `long:"from" value-name:"DAY" description:"Since when they are to have been in force, as 2026-01-31 in UTC. Without it, for a year."`
	To      string `long:"to" value-name:"DAY" description:"The first day that is left out. Without it, up to now."`
	Top     int    `long:"top" default:"10" value-name:"N" description:"How many winners and losers are named, up to 100."`
	JSON    bool   `long:"json" description:"Write the report as the API has it."`
}

// Run says what other rules would have meant. It goes through all cards, however many,
// and rests in between: tills go on.
func (r *replayProgram) Run(ctx context.Context, s streams) error {
	q := &whatif.Question{Top: r.Top}
	var err error
	if q.From, err = dayIn("--from", r.From); err != nil {
		return err
	}
	if q.To, err = dayIn("--to", r.To); err != nil {
		return err
	}
	if err := q.Complete(time.Now().UTC().Truncate(time.Microsecond)); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return r.withStore(ctx, func(db *store.Store) error {
		if err := r.read(ctx, db, q); err != nil {
			return err
		}
		report, err := whatif.Ask(ctx, db, q)
		if err != nil {
			return err
		}
		if r.JSON {
			text, err := json.MarshalIndent(api.WhatIf(report), "", "  ")
			if err == nil {
				_, err = fmt.Fprintf(s.out, "%s\n", text)
			}
			return err
		}
		return writeReplay(s.out, report)
	})
}

// dayIn is when a day begins; the zero time for none.
func dayIn(flag, text string) (day time.Time, err error) {
	if text == "" {
		return day, nil
	}
	if day, err = time.Parse(time.DateOnly, text); err != nil {
		return day, fmt.Errorf("%s: %q is not a day such as 2026-01-31", flag, text)
	}
	return day, nil
}

// read finds the program, and the rules that it might have.
func (r *replayProgram) read(ctx context.Context, db *store.Store, q *whatif.Question) error {
	id, err := loyalty.ParseID[loyalty.ProgramID](r.Program)
	if err != nil {
		return fmt.Errorf("--program: %q is not the id of a program", r.Program)
	}
	q.Current, err = db.ProgramByID(ctx, id)
	if errors.Is(err, loyalty.ErrNotFound) {
		return fmt.Errorf("--program: there is no published program %s", r.Program)
	}
	if err != nil {
		return err
	}
	if r.File == "" {
		draft, err := db.Draft(ctx, q.Current.Merchant, id)
		if err != nil {
			return fmt.Errorf("the draft of %s: %w", r.Program, err)
		}
		q.Rules = draft.Rules
		return nil
	}
	text, err := readProgram(r.File)
	if err != nil {
		return err
	}
	files, err := api.ReadPrograms(r.File, text)
	switch {
	case err != nil:
		return err
	case len(files) != 1:
		return fmt.Errorf("%s has %d programs: give a file with one", r.File, len(files))
	}
	ids, err := rewardIDs(ctx, db, q.Current)
	if err != nil {
		return err
	}
	q.Rules, err = files[0].Rules(func(key string) (loyalty.RewardID, bool) { reward, known := ids[key]; return reward, known })
	if err == nil {
		err = files[0].Explain(errors.Join(rules.Check(&q.Rules), q.Current.CheckNext(&q.Rules, true)))
	}
	return err
}
