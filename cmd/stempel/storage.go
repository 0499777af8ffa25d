package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"stempel/internal/jobs"
	"stempel/internal/store"
)

// file is the embedded database.
func (s *storage) file() string { return filepath.Join(s.Data, "stempel.db") }

// url is where the database is: PostgreSQL if given, else a file in the data folder.
func (s *storage) url() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return "sqlite:" + s.file()
}

// place is url as it may be shown: without user, password and options.
func (s *storage) place() string {
	at, err := url.Parse(s.DatabaseURL)
	if s.DatabaseURL == "" || err != nil {
		return s.file()
	}
	return (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
}

// open connects to the database and brings its tables up to date.
func (s *storage) open(ctx context.Context) (*store.Store, error) {
	db, err := store.Open(ctx, s.url(), store.Options{})
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", s.place(), err)
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate the database %s: %w", s.place(), err), db.Close())
	}
	if err := jobs.Migrate(ctx, jobsOf(db)); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate the database %s: %w", s.place(), err), db.Close())
	}
	return db, nil
}

// withStore runs a command on a database that is there. It neither makes nor
// migrates one: whoever mistypes a folder should not be told that all is well in
// an empty one.
func (s *storage) withStore(ctx context.Context, do func(*store.Store) error) error {
	if s.DatabaseURL == "" {
		if _, err := os.Stat(s.file()); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no database %s: say where it is with --data or DATABASE_URL", s.file())
		}
	}
	db, err := store.Open(ctx, s.url(), store.Options{})
	if err != nil {
		return fmt.Errorf("open the database %s: %w", s.place(), err)
	}
	if err := db.Ready(ctx); err != nil {
		err = fmt.Errorf("the database %s is not ready: %w (stempel migrate brings its tables up to date)", s.place(), err)
		return errors.Join(err, db.Close())
	}
	return errors.Join(do(db), db.Close())
}

type migrateCommand struct{ storage }

func (m *migrateCommand) check(wrong *problems) {
	m.storage.check(wrong)
	if m.DatabaseURL == "" {
		checkFolder(wrong, "STEMPEL_DATA", m.Data)
	}
}

func (m *migrateCommand) Run(ctx context.Context, s streams) error {
	db, err := m.open(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, m.place(), "has the tables of this version.")
	return errors.Join(err, db.Close())
}
