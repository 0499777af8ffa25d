package engines

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrMissing says that a program is not installed on this machine.
var ErrMissing = errors.New("not installed")

// debianPostgres is where Debian keeps the servers, one folder per major
// version and none of them in the PATH.
const debianPostgres = "/usr/lib/postgresql/*/bin"

// PostgresBinary returns the path of one of PostgreSQL's programs: initdb,
// postgres, pgbench. All come from one installation: that of the postgres in
// the PATH, else Debian's newest. It returns ErrMissing when there is none.
func PostgresBinary(name string) (string, error) {
	for _, dir := range postgresFolders() {
		// A LookPath of a full path checks that it is an executable file.
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", missing(name, "postgresql")
}

func postgresFolders() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// Behind a link are the sibling programs of the same version.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	found, _ := filepath.Glob(debianPostgres) // fails only on a malformed pattern
	return append(dirs, newestFirst(found)...)
}

// newestFirst sorts folders like /usr/lib/postgresql/15/bin by their number:
// 15 before 9.6, which the alphabet would turn round.
func newestFirst(dirs []string) []string {
	version := func(dir string) float64 {
		v, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		return v
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return dirs
}

func missing(program, debianPackage string) error {
	return fmt.Errorf("%s is %w: apt-get install %s", program, ErrMissing, debianPackage)
}
