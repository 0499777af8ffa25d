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

// logbook is what the processes of a deployment log, however little it matters.
type logbook struct {
	mu       sync.Mutex
	text     bytes.Buffer
	personal []string // what must not stand in it
}

func (l *logbook) keepOut(words ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.personal = append(l.personal, words...)
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// proveLog holds that no log has what opens something (tokens, PINs, codes, scans)
// or says who somebody is.
func (a *API) proveLog(t testing.TB) {
	t.Helper()
	text := a.setup.logs.text.String()
	for _, word := range a.setup.logs.personal {
		if strings.Contains(strings.ToLower(text), word) {
			t.Errorf("the log holds %q of a member", word)
		}
	}
	for _, shop := range []*Shop{a.Shop, a.Rival} {
		if shop == nil {
			continue
		}
		for _, secret := range append(shop.secrets, credential.LivePrefix, credential.StaticPrefix, scanner.HandlePrefix) {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("the log holds %q: …%s…", secret, text[max(0, at-200):min(len(text), at+50)])
			}
		}
	}
}
