package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func content(text string) func(*os.File) error {
	return func(file *os.File) error {
		_, err := file.WriteString(text)
		return err
	}
}

func TestFilesAreWrittenOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	if err := newFile(path, content("first")); err != nil {
		t.Fatal(err)
	}
	if err := newFile(path, content("second")); !errors.Is(err, fs.ErrExist) {
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
	if err := newFile(filepath.Join(dir, "none", "secret"), content("")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
}

// What could not be finished leaves nothing behind.
func TestFilesAreWrittenWhole(t *testing.T) {
	dir := t.TempDir()
	full := errors.New("no space left")
	err := newFile(filepath.Join(dir, "half"), func(file *os.File) error {
		return errors.Join(content("half")(file), full)
	})
	if left, _ := os.ReadDir(dir); !errors.Is(err, full) || len(left) != 0 {
		t.Errorf("%v; %v is left", err, left)
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
