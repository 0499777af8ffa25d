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

// keyring opens the signing keys, making them on the first start.
func (s *sealed) keyring(ctx context.Context, db *store.Store) (*keys.Ring, error) {
	master, err := s.master(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("the master key: %w", err)
	}
	return keys.Open(ctx, db, master, time.Now())
}

// master is the configured key, or that of the data folder. There it is made on
// the first start, and never again: a keyring opens with one master key only.
func (s *sealed) master(ctx context.Context, db *store.Store) ([32]byte, error) {
	if s.MasterKey != "" {
		return keys.ParseMaster(s.MasterKey)
	}
	// Asked before the file is looked for: who starts both writes the file first.
	version, _, err := db.LoadKeyring(ctx)
	if err != nil {
		return [32]byte{}, err
	}
	path := filepath.Join(s.Data, "master.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if version > 0 {
			return [32]byte{}, fmt.Errorf("%s is missing, and no other opens the keys in this database: restore it, or give it as STEMPEL_MASTER_KEY", path)
		}
		text, err = makeMaster(path)
	}
	if err != nil {
		return [32]byte{}, err
	}
	master, err := keys.ParseMaster(string(text))
	if err != nil {
		return [32]byte{}, fmt.Errorf("%s: %w", path, err)
	}
	return master, nil
}

// makeMaster writes a fresh key, unless another process was faster, and reads
// what there is then.
func makeMaster(path string) ([]byte, error) {
	err := newFile(path, func(file *os.File) error {
		_, err := file.WriteString(keys.NewMaster() + "\n")
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
