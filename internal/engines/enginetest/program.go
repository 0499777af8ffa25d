package enginetest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Program returns the path of a program that knows nothing of us and that a test holds
// our work against. Where it is not installed the test is skipped, and fails in CI.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		unavailable(t, "not tested: "+name+" is not installed")
	}
	return path
}

// Package holds that the packages of npm which a folder names are installed in it.
func Package(t testing.TB, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		unavailable(t, "not tested: npm ci was not run in "+folder)
	}
}

// ReadQR returns what the only QR code in a picture says, as zbarimg reads it.
func ReadQR(t testing.TB, picture []byte) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), Program(t, "zbarimg"), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-")
	command.Stdin = bytes.NewReader(picture)
	text, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("zbarimg reads no code: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "\n")
}
