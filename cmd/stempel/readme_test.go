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

	"github.com/jessevdk/go-flags"
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
		name := flag.EnvDefaultKey
		if name == "" {
			continue
		}
		value, ok := told[name]
		if preset := strings.Join(flag.Default, ""); !ok || value != preset {
			t.Errorf("README: %s is %q (%v), the code's default %q", name, value, ok, preset)
		}
		if want := flagName(name); flag.LongName != want {
			t.Errorf("%s is the flag --%s, want --%s", name, flag.LongName, want)
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
	for _, command := range allCommands().parser.Commands() {
		if !strings.Contains(commands, "`"+command.Name+"`") {
			t.Errorf("README does not name the command %s", command.Name)
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

// The demo must never find somebody's real database. Its links may lead to where it
// is reached.
func TestDemoLooksAtNoVariable(t *testing.T) {
	for _, flag := range flagsOf(t, "demo") {
		if flag.EnvDefaultKey != "" && flag.EnvDefaultKey != "STEMPEL_PUBLIC_URL" {
			t.Errorf("--%s can be set by %s", flag.LongName, flag.EnvDefaultKey)
		}
	}
}

func flagsOf(t *testing.T, command string) []*flags.Option {
	t.Helper()
	found := allCommands().parser.Find(command)
	if found == nil {
		t.Fatalf("there is no command %s", command)
	}
	return found.Options()
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
