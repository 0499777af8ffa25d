package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"stempel/api"
	"stempel/internal/loyalty"
	"stempel/internal/programfile"
	"stempel/internal/store"
)

type applyCommand struct {
	storage
	Merchant string   `long:"merchant" required:"yes" value-name:"ID" description:"Whose programs they are, from stempel merchant list."`
	Files    []string `short:"f" long:"file" required:"yes" value-name:"FILE" description:"YAML file of one or several programs, parted by lines of ---. May be given several times; - reads standard input."`
	Yes      bool     `long:"yes" description:"Do not ask."`
	DryRun   bool     `long:"dry-run" description:"Publish nothing; show what would be changed."`
}

// Run makes a merchant's programs what files say: it shows the difference, asks,
// and publishes each program in one go. All files are read and all programs tried
// before the first is changed.
func (a *applyCommand) Run(ctx context.Context, s streams) error {
	files, err := a.read()
	if err != nil {
		return err
	}
	merchant, err := loyalty.ParseID[loyalty.MerchantID](a.Merchant)
	if err != nil {
		return fmt.Errorf("--merchant: %q is not the id of a merchant", a.Merchant)
	}
	return a.withStore(ctx, func(db *store.Store) error {
		plan, err := planned(ctx, db, merchant, files)
		if err != nil {
			return err
		}
		changed := 0
		for _, p := range plan {
			if p.show(s.out); len(p.changes) > 0 {
				changed++
			}
		}
		switch {
		case changed == 0:
			_, err := fmt.Fprintln(s.out, "Nothing to change.")
			return err
		case a.DryRun:
			_, err := fmt.Fprintln(s.out, "Nothing was published: this was a dry run.")
			return err
		}
		if err := a.ask(s, changed); err != nil {
			return err
		}
		return publish(ctx, db, s, plan)
	})
}

// read reads all files. Errors: all mistakes in them.
func (a *applyCommand) read() (all []*api.ProgramFile, err error) {
	in := map[string]string{}
	for _, name := range a.Files {
		text, readErr := readProgram(name)
		if readErr != nil {
			return nil, readErr
		}
		files, fileErr := api.ReadPrograms(name, text)
		err = errors.Join(err, fileErr)
		for _, file := range files {
			if other, twice := in[file.Key]; twice && other != name {
				err = errors.Join(err, fmt.Errorf("%s and %s both have a program with the key %s", other, name, file.Key))
			}
			in[file.Key] = name
			all = append(all, file)
		}
	}
	return all, err
}

// readProgram reads no more than a file may hold: the reader refuses a byte more.
func readProgram(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, programfile.MaxSize+1))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, programfile.MaxSize+1))
	return text, errors.Join(err, file.Close())
}

var errNotAsked = errors.New("nothing was published: there is nobody to ask, so say --yes, or --dry-run to see the difference alone")

// ask waits for somebody to agree.
func (a *applyCommand) ask(s streams, changed int) error {
	if a.Yes {
		return nil
	}
	if in, err := os.Stdin.Stat(); err != nil || in.Mode()&os.ModeCharDevice == 0 {
		return errNotAsked
	}
	what := "this program"
	if changed > 1 {
		what = fmt.Sprintf("these %d programs, each in one go", changed)
	}
	fmt.Fprintf(s.err, "Publish %s? [y/N] ", what)
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	case "":
		if err != nil {
			return errNotAsked
		}
	}
	return errors.New("nothing was published")
}

// publish changes one program after the other. What was published before one
// fails stays, and is said.
func publish(ctx context.Context, db *store.Store, s streams, plan []*applied) error {
	done := 0
	for _, p := range plan {
		if len(p.changes) == 0 {
			continue
		}
		render := func(*loyalty.Program) (loyalty.Answer, error) { return loyalty.Answer{}, nil }
		if err := p.apply(ctx, db, time.Now(), render); err != nil {
			return fmt.Errorf("%w (of this program nothing was changed; programs published before it: %d)", err, done)
		}
		done++
		fmt.Fprintf(s.out, "%s: version %d is published as %s.\n", p.file.Key, p.next.Version, p.next.ID)
	}
	return nil
}
