package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"stempel/internal/moving"
)

// openReport opens the file of a report; the name "" is none. It empties a report
// that is there, as that of a dry run before, and nothing else: that is told from
// a file of customers by its first line.
func openReport(name string) (io.WriteCloser, error) {
	if name == "" {
		return discard{io.Discard}, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err == nil && about.Mode().IsRegular() { // else a pipe or a terminal, where nothing can be lost
		err = emptyReport(name, file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func emptyReport(name string, file *os.File) error {
	start := make([]byte, len(moving.ReportHeader))
	n, err := io.ReadFull(file, start)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && string(start) != moving.ReportHeader:
		return fmt.Errorf("--report: %s is there and is not a report: choose another name, it would be overwritten", name)
	case err != nil:
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

type discard struct{ io.Writer }

func (discard) Close() error { return nil }
