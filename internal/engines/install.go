package engines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// probes tell for each Debian package that Ensure knows whether its program is
// here, however it came.
var probes = map[string]func() error{
	"postgresql":   func() error { _, err := PostgresBinary("postgres"); return err },
	"redis-server": inPath("redis-server", "redis-server"),
	"chromium":     inPath("chromium", "chromium"),
	"zbar-tools":   inPath("zbarimg", "zbar-tools"),
	"openssl":      inPath("openssl", "openssl"),
	"ghostscript":  inPath("gs", "ghostscript"),
}

func inPath(program, debianPackage string) func() error {
	return func() error {
		if _, err := exec.LookPath(program); err != nil {
			return missing(program, debianPackage)
		}
		return nil
	}
}

// Ensure sees to it that the program of a Debian package is here: postgresql,
// redis-server, chromium, zbar-tools, openssl or ghostscript. What is missing it installs with
// apt-get, when we are root on a machine that has it; otherwise it returns
// ErrMissing with what to install. Two processes must not call it at once:
// apt-get's own lock would turn one of them away.
func Ensure(ctx context.Context, debianPackage string) error {
	return ensure(ctx, debianPackage, os.Geteuid() == 0)
}

func ensure(ctx context.Context, debianPackage string, root bool) error {
	probe, known := probes[debianPackage]
	if !known {
		return fmt.Errorf("engines: no package %q is known here", debianPackage)
	}
	absent := probe()
	if absent == nil || !root {
		return absent
	}
	aptGet, err := exec.LookPath("apt-get")
	if err != nil {
		return absent
	}
	fmt.Fprintf(os.Stderr, "engines: installing %s with apt-get\n", debianPackage)
	for _, args := range [][]string{
		{"update"},
		{"install", "--yes", "--no-install-recommends", debianPackage},
	} {
		cmd := exec.CommandContext(ctx, aptGet, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		// Standard output may be a test runner's, which others parse.
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return errors.Join(absent, fmt.Errorf("apt-get %s: %w", args[0], err))
		}
	}
	return probe()
}
