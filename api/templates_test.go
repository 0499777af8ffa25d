package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	earnrules "stempel/internal/rules"
	"stempel/internal/templates"
)

var update = flag.Bool("update", false, "write golden files anew")

// What a template says is what shops run: a change must be meant.
func TestTemplatesKeepTheirMeaning(t *testing.T) {
	for _, name := range templates.Names() {
		rules, err := Template(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := earnrules.Check(&rules); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if rules.Template != name || len(rules.Rewards) == 0 && rules.Kind != loyalty.Discount {
			t.Errorf("%s: template %q with %d rewards", name, rules.Template, len(rules.Rewards))
		}
		text, err := json.MarshalIndent(rules, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got := string(text) + "\n"
		for i := range rules.Rewards {
			got = strings.ReplaceAll(got, rules.Rewards[i].ID.String(), fmt.Sprint("reward ", i))
		}
		golden := filepath.Join("testdata", "templates", name+".json")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s(with -update it is written so)", name, got, want)
		}
	}
}

func TestEveryTemplateIsListed(t *testing.T) {
	found, err := filepath.Glob("../internal/templates/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range found {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".yaml"))
	}
	if want := slices.Sorted(slices.Values(templates.Names())); !slices.Equal(names, want) {
		t.Errorf("there are files of %q, and %q are listed", names, want)
	}
	for _, name := range names {
		text, _ := templates.File(name)
		if files, err := ReadPrograms(name, text); err != nil || len(files) != 1 || files[0].Key != name {
			t.Errorf("%s: %d programs, %v: want one whose key is its name", name, len(files), err)
		}
	}
}

func TestRewardsOfTemplatesAreFresh(t *testing.T) {
	a, _ := Template("cafe")
	b, _ := Template("cafe")
	if a.Rewards[0].ID == b.Rewards[0].ID {
		t.Error("two shops share a reward")
	}
}

func TestUnknownTemplate(t *testing.T) {
	if _, err := Template("butcher"); err == nil || !strings.Contains(err.Error(), "ice-cream") {
		t.Errorf("got %v, want an error that names the templates", err)
	}
}
