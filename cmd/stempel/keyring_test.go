package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestSecretsAreWrittenOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	if err := writeSecret(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := writeSecret(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v, want to be told that it exists", err)
	}
	if got := read(t, path); got != "first" {
		t.Errorf("it holds %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left (%v)", left, err)
	}
	if err := writeSecret(filepath.Join(dir, "none", "secret"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
}

// Of many that start at once, all get the key of the one that was first.
func TestMasterKeyIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	var made sync.Map
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			text, err := makeMaster(path)
			if err != nil {
				t.Error(err)
			}
			made.Store(string(text), true)
		})
	}
	all.Wait()
	n := 0
	made.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d keys, want 1", n)
	}
}
