package apitest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"stempel/internal/credential"
	"stempel/scanner"
)

// logbook is what the processes of a deployment log, however little it matters,
// and what must not stand in it.
type logbook struct {
	mu      sync.Mutex
	text    bytes.Buffer
	private []string
	terse   bool
}

// Terse makes a process log what a server logs unless it is told otherwise.
func Terse(s *Setup) { s.logs.terse = true }

// Private are words that no log may hold: names, addresses, whatever the test
// sends of its own.
func (a *API) Private(words ...string) {
	l := a.setup.logs
	l.mu.Lock()
	defer l.mu.Unlock()
	l.private = append(l.private, words...)
}

// Log is what was logged so far.
func (a *API) Log() string {
	l := a.setup.logs
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) logger() *slog.Logger {
	level := slog.LevelDebug
	if l.terse {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level}))
}

// proveLog holds that no log has what opens something (tokens, PINs, codes, scans,
// signatures) or tells of somebody.
func (a *API) proveLog(t testing.TB) {
	t.Helper()
	text := a.Log()
	lower := strings.ToLower(text) // once: it is long
	for _, word := range a.setup.logs.private {
		if strings.Contains(lower, strings.ToLower(word)) {
			t.Errorf("the log holds %q, which tells of somebody", word)
		}
	}
	opening := []string{credential.LivePrefix, credential.StaticPrefix, scanner.HandlePrefix, "Bearer ", "signature="}
	for _, word := range append(opening, a.Secrets()...) {
		if at := strings.Index(text, word); at >= 0 {
			t.Errorf("the log holds %q: …%s…", word, text[max(0, at-200):min(len(text), at+50)])
		}
	}
}

// Secrets are what opens something in either shop, and the names of its staff.
func (a *API) Secrets() []string {
	var all []string
	for _, shop := range []*Shop{a.Shop, a.Rival} {
		if shop != nil {
			all = append(all, shop.secrets...)
		}
	}
	return all
}
