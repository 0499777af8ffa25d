package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/templates"
)

// What says what is there already changes nothing: the export of programs that were made
// over the API from all templates, several of one among them; each of them alone; and the
// template that the first one was made of.
func TestNothingToChange(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("STEMPEL_DATA", folder)
	merchant, admin := newMerchant(t)
	server := bootAt(t, in(folder), anyPort())
	var programs []loyalty.ProgramID
	for _, name := range templates.Names() {
		for range 2 {
			made := call(t, http.MethodPost, server.URL()+"/v1/programs", admin, map[string]any{"template": name})
			var program struct{ ID loyalty.ProgramID }
			if err := json.Unmarshal([]byte(made.body), &program); err != nil || made.status != http.StatusCreated {
				t.Fatalf("%s: %d %s", name, made.status, made.body)
			}
			programs = append(programs, program.ID)
		}
	}
	closeServer(t, server)

	unchanged := func(what, text string) {
		t.Helper()
		if got := applying(t, merchant, text); !strings.HasSuffix(got, "\nNothing to change.\n") {
			t.Errorf("%s:\n%s", what, got)
		}
	}
	unchanged("all at once", printed(t, "program", "export", "--merchant", merchant))
	for _, id := range programs {
		unchanged(id.String(), printed(t, "program", "export", "--program", id.String()))
	}
	for _, name := range templates.Names() {
		unchanged(name, printed(t, "program", "template", name))
	}
}

// A template that is applied twice is published once.
func TestTemplatesAppliedTwice(t *testing.T) {
	t.Setenv("STEMPEL_DATA", t.TempDir())
	merchant, _ := newMerchant(t)
	for _, name := range templates.Names() {
		text := printed(t, "program", "template", name)
		for _, want := range []string{fmt.Sprintf("%s: version 1 is published as program_", name), "Nothing to change.\n"} {
			if got := applying(t, merchant, text); !strings.Contains(got, want) {
				t.Errorf("%s: got\n%swant %s", name, got, want)
			}
		}
	}
}

// newMerchant is one in the database that the environment names, with its admin key.
func newMerchant(t *testing.T) (id, admin string) {
	t.Helper()
	printed(t, "migrate")
	for line := range strings.Lines(printed(t, "merchant", "add", "--name", "Aurora")) {
		if is, ok := strings.CutPrefix(line, "merchant "); ok {
			id = strings.TrimSpace(is)
		} else if is, ok := strings.CutPrefix(line, "admin key"); ok {
			admin = strings.TrimSpace(is)
		}
	}
	return id, admin
}

// applying is what apply writes of a file.
func applying(t *testing.T, merchant, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return printed(t, "apply", "--yes", "--merchant", merchant, "-f", file)
}

// printed is what a command writes.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("%s: %v\n%s", args, err, errs.String())
	}
	return out.String()
}
