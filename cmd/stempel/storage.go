package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"stempel/internal/keys"
	"stempel/internal/store"
)

// url is where the database is: PostgreSQL if given, else a file in the data folder.
func (s *storage) url() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return "sqlite:" + filepath.Join(s.Data, "stempel.db")
}

// open connects to the database and brings its tables up to date.
func (s *storage) open(ctx context.Context) (*store.Store, error) {
	db, err := store.Open(ctx, s.url(), store.Options{})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate the database: %w", err), db.Close())
	}
	return db, nil
}

// keyring opens the signing keys, making them on the first start.
func (s *storage) keyring(ctx context.Context, db *store.Store) (*keys.Ring, error) {
	master, err := s.master()
	if err != nil {
		return nil, err
	}
	return keys.Open(ctx, db, master, time.Now())
}

// master is the configured key, or that of the data folder, made on first start.
func (s *storage) master() ([32]byte, error) {
	if s.MasterKey != "" {
		return keys.ParseMaster(s.MasterKey)
	}
	path := filepath.Join(s.Data, "master.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(keys.NewMaster())
		err = writeSecret(path, text)
	}
	if err != nil {
		return [32]byte{}, fmt.Errorf("the master key: %w", err)
	}
	return keys.ParseMaster(string(text))
}

// writeSecret makes a new file that only its owner can read. It never overwrites.
func writeSecret(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// withStore runs a command that needs the database and nothing else.
func (s *storage) withStore(ctx context.Context, do func(*store.Store) error) error {
	var wrong problems
	s.check(&wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	db, err := s.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

type migrateCommand struct{ storage }

func (m *migrateCommand) Run(ctx context.Context, s streams) error {
	return m.withStore(ctx, func(*store.Store) error {
		_, err := fmt.Fprintln(s.out, "The database has this version's tables.")
		return err
	})
}
