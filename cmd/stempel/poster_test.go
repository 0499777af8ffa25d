package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stempel/internal/engines/enginetest"
)

// The command draws what the server draws, without it, and beside it.
func TestPosterOfAProgram(t *testing.T) {
	folder := t.TempDir()
	s := bootAt(t, in(filepath.Join(folder, "data")), anyPort())
	defer closeServer(t, s)
	program := openShop(t, s).notes.Programs["ice-cream"].String()
	draw := func(out string, args ...string) error {
		args = append([]string{"poster", program, "--data", filepath.Join(folder, "data"), "--out", filepath.Join(folder, out)}, args...)
		return run(t.Context(), args, io.Discard, io.Discard)
	}
	if err := draw("none.pdf"); err == nil || !strings.Contains(err.Error(), "STEMPEL_PUBLIC_URL: is needed") {
		t.Errorf("without an address to lead to: %v", err)
	}
	t.Setenv("STEMPEL_PUBLIC_URL", "https://cards.example.com/")
	for name, begins := range map[string]string{"pdf": "%PDF-1.7", "svg": "<svg ", "png": "\x89PNG"} {
		if err := draw("poster."+name, "--format", name, "--language", "pl", "--paper", "a6"); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(filepath.Join(folder, "poster."+name))
		if err != nil || !bytes.HasPrefix(file, []byte(begins)) {
			t.Errorf("the %s begins with %q, %v", name, file[:min(len(file), 8)], err)
		}
	}
	if err := draw("poster.pdf"); err == nil {
		t.Error("it was drawn over a file that was there")
	}
	if err := draw("poster.gif", "--format", "gif"); err == nil {
		t.Error("it was drawn as a GIF")
	}
	picture, err := os.ReadFile(filepath.Join(folder, "poster.png"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := enginetest.ReadQR(t, picture), "https://cards.example.com/join/"+program; got != want {
		t.Errorf("it leads to %q, want %q", got, want)
	}
}

func TestPosterOfNothing(t *testing.T) {
	t.Setenv("STEMPEL_PUBLIC_URL", "https://cards.example.com")
	folder := t.TempDir()
	closeServer(t, bootAt(t, in(folder), anyPort()))
	for id, want := range map[string]string{
		"ice-cream":                          "is no program's id",
		"program_01m0wyf4npfqdbdnpqxa7mtfh7": "there is no program",
	} {
		err := run(t.Context(), []string{"poster", id, "--data", folder, "--out", filepath.Join(folder, "p.pdf")}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "p.pdf")); err == nil {
		t.Error("and yet there is a file")
	}
}
