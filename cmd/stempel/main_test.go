package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts this very program into the PATH as stempel, for scripts and for
// tests that need it as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(unconfigured{m}, map[string]func(){"stempel": main})
}

// unconfigured are the tests without the configuration of whoever runs them.
type unconfigured struct{ *testing.M }

func (tests unconfigured) Run() int {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "STEMPEL_") || strings.HasPrefix(name, "DATABASE_URL") || strings.HasPrefix(name, "REDIS_URL") {
			os.Unsetenv(name)
		}
	}
	return tests.M.Run()
}
