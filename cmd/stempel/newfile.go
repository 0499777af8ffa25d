package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// newFile makes a file that only its owner can read, whole or not at all. It never
// overwrites: then the error is fs.ErrExist.
func newFile(path string, write func(*os.File) error) error {
	if _, err := os.Lstat(path); err == nil { // told before an hour's work, not after
		return &fs.PathError{Op: "make", Path: path, Err: fs.ErrExist}
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	err = write(file)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}
