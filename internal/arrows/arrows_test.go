package arrows

import (
	"errors"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, broken := range check(imports(t, "../..")) {
		t.Error(broken)
	}
}

// graph tells for each package what it imports, leaving out its tests.
type graph map[string][]string

// check returns one line for each forbidden import, in order.
func check(g graph) []string {
	var broken []string
	for _, from := range slices.Sorted(maps.Keys(g)) {
		for _, to := range g[from] {
			for _, r := range rules {
				if r.breaks(from, to) {
					broken = append(broken, from+" → "+to+": "+r.why)
				}
			}
		}
	}
	return broken
}

// imports reads the packages below root, the module's folder. It does so in
// this process, where the go command sees which files the test depends on: the
// outcome of `go list` would be cached over a new import elsewhere.
func imports(t *testing.T, root string) graph {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("no module here: %v", err)
	}
	g := graph{}
	err := filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if dir != root && foreign(dir) {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		var none *build.NoGoError
		if errors.As(err, &none) {
			return nil
		}
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		for _, to := range pkg.Imports {
			g[filepath.ToSlash(path)] = append(g[filepath.ToSlash(path)], strings.TrimPrefix(to, module+"/"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// foreign reports whether the go command, too, passes a folder over.
func foreign(dir string) bool {
	name := filepath.Base(dir)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil // a module of its own
}
