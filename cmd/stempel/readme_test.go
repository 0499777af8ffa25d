package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// row is a line of the README's table of variables.
var row = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|(?: `([^`]*)`)? \\|")

// The README's table has exactly the variables of serve, with their defaults.
func TestReadmeTellsEveryVariable(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, match := range row.FindAllStringSubmatch(string(readme), -1) {
		told[match[1]] = match[2]
	}
	for _, flag := range flagsOf(t, "serve") {
		if len(flag.Envs) == 0 {
			continue
		}
		name := flag.Envs[0]
		value, ok := told[name]
		if !ok || value != flag.Default {
			t.Errorf("README: %s is %q (%v), the code's default %q", name, value, ok, flag.Default)
		}
		if want := flagName(name); flag.Name != want {
			t.Errorf("%s is the flag --%s, want --%s", name, flag.Name, want)
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("README tells of %s, which serve does not know", name)
	}
}

// The README's table of folders has every command, and every package that has no
// row of a folder above it.
func TestReadmeTellsEveryCommandAndFolder(t *testing.T) {
	readme := read(t, "../../README.md")
	commands := regexp.MustCompile(`(?m)^\| \[cmd/stempel\].*$`).FindString(readme)
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range parser.Model.Children {
		if !strings.Contains(commands, "`"+node.Name+"`") {
			t.Errorf("README does not name the command %s", node.Name)
		}
	}
	for _, pattern := range []string{"../../internal/*/*.go", "../../passes/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, files, err)
		}
		for _, file := range files {
			if folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), "../../"); !strings.Contains(readme, "]("+folder+")") {
				t.Errorf("README does not say what %s is for", folder)
			}
		}
	}
}

// flagName is what a variable's flag is called: that is how one finds it.
func flagName(variable string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "STEMPEL_")), "_", "-")
}

var (
	mdLink = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	title  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	spoken = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// What a page refers to is there: files, folders, and headings, which are named as
// GitHub and others do.
func TestLinksLeadSomewhere(t *testing.T) {
	const root = "../.."
	pages := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			if err == nil && (entry.Name() == "node_modules" || entry.Name() == ".git") && entry.IsDir() {
				return fs.SkipDir
			}
			return err
		}
		pages++
		for _, match := range mdLink.FindAllStringSubmatch(read(t, path), -1) {
			if strings.HasPrefix(match[1], "https://") {
				continue
			}
			target, anchor, _ := strings.Cut(match[1], "#")
			file := path
			if target != "" {
				file = filepath.Join(filepath.Dir(path), target)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s refers to %s: %v", path, match[1], err)
			} else if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s refers to %s, which has no such heading", path, match[1])
			}
		}
		return nil
	})
	if err != nil || pages < 8 {
		t.Errorf("%d pages, %v", pages, err)
	}
}

func anchors(page string) (all []string) {
	for _, match := range title.FindAllStringSubmatch(page, -1) {
		all = append(all, strings.ReplaceAll(spoken.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return all
}

// The demo must never find somebody's real database.
func TestDemoLooksAtNoVariable(t *testing.T) {
	for _, flag := range flagsOf(t, "demo") {
		if len(flag.Envs) > 0 {
			t.Errorf("--%s can be set by %v", flag.Name, flag.Envs)
		}
	}
}

func flagsOf(t *testing.T, command string) []*kong.Flag {
	t.Helper()
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range parser.Model.Children {
		if node.Name == command {
			return node.Flags
		}
	}
	t.Fatalf("there is no command %s", command)
	return nil
}

// Help shows defaults, never what is set.
func TestHelpShowsNoSecret(t *testing.T) {
	for _, name := range []string{"DATABASE_URL", "STEMPEL_MASTER_KEY", "REDIS_URL"} {
		t.Setenv(name, secret)
	}
	commands := [][]string{
		nil,
		{"--help"},
		{"serve", "--help"},
		{"migrate", "--help"},
		{"audit", "--help"},
		{"keys", "--help"},
		{"keys", "list", "--help"},
		{"serve", "--master-key=" + secret, "--database-url=" + secret, "--help"},
		{"demo", "--help"},
	}
	for _, args := range commands {
		var out, errs bytes.Buffer
		if err := run(t.Context(), args, &out, &errs); err != nil || out.Len() == 0 {
			t.Errorf("%v: %q (%v)", args, out.String(), err)
		}
		if all := out.String() + errs.String(); strings.Contains(all, secret) {
			t.Errorf("%v shows a secret: %s", args, all)
		}
	}
}
