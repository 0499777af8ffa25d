package engines

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeAptGet puts an apt-get alone into the PATH. It notes how it was called,
// and installs zbarimg when asked for zbar-tools.
func fakeAptGet(t *testing.T, status string) (calls func() string) {
	t.Helper()
	dir := t.TempDir()
	script := `#!/bin/sh
echo "$@" >> ` + dir + `/calls
case "$*" in *install*zbar-tools)
	echo '#!/bin/sh' > ` + dir + `/zbarimg
	/bin/chmod +x ` + dir + `/zbarimg
esac
exit ` + status + "\n"
	if err := os.WriteFile(filepath.Join(dir, "apt-get"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return func() string {
		said, _ := os.ReadFile(filepath.Join(dir, "calls")) // none: never called
		return string(said)
	}
}

func TestEnsure(t *testing.T) {
	t.Run("installs what is missing, once", func(t *testing.T) {
		calls := fakeAptGet(t, "0")
		for range 2 {
			if err := ensure(t.Context(), "zbar-tools", true); err != nil {
				t.Fatal(err)
			}
		}
		if want := "update\ninstall --yes --no-install-recommends zbar-tools\n"; calls() != want {
			t.Errorf("apt-get was called with %q, want %q", calls(), want)
		}
	})
	t.Run("without root it only says what to install", func(t *testing.T) {
		calls := fakeAptGet(t, "0")
		err := ensure(t.Context(), "zbar-tools", false)
		if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "apt-get install zbar-tools") {
			t.Errorf("got %v", err)
		}
		if calls() != "" {
			t.Errorf("apt-get was called with %q", calls())
		}
	})
	t.Run("a failing apt-get leaves it missing", func(t *testing.T) {
		fakeAptGet(t, "100")
		if err := ensure(t.Context(), "redis-server", true); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an apt-get that does not bring it leaves it missing", func(t *testing.T) {
		fakeAptGet(t, "0")
		if err := ensure(t.Context(), "chromium", true); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no apt-get", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if err := ensure(t.Context(), "redis-server", true); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("unknown package", func(t *testing.T) {
		if err := ensure(t.Context(), "emacs", true); err == nil {
			t.Error("no error")
		}
	})
}
