package main

import (
	"reflect"
	"strings"
	"testing"
)

// Fields of a command are a flag, or arguments: one whose tag has no name for the
// flag would be silently ignored.
func TestEveryFieldOfACommandCanBeTyped(t *testing.T) {
	for typed, c := range allCommands().runs {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(c).Elem()) {
			if !field.IsExported() || field.Anonymous || field.Name == "Args" {
				continue
			}
			switch flag := typed.FindOptionByLongName(field.Tag.Get("long")); {
			case flag == nil:
				t.Errorf("stempel %s: %s is no flag: its tag says %q", typed.Name, field.Name, field.Tag)
			case flag.Description == "" || strings.Contains(flag.Description, "${"):
				t.Errorf("stempel %s --%s: %q explains nothing", typed.Name, flag.LongName, flag.Description)
			}
		}
	}
}

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     int
	}{
		{"", "", 0},
		{"", "data", 4},
		{"data", "", 4},
		{"data", "data", 0},
		{"porters", "posters", 1},
		{"dta", "data", 1},
		{"daata", "data", 1},
		{"adta", "data", 2},
		{"kitten", "sitting", 3},
	} {
		if got := edits(tt.from, tt.to); got != tt.want {
			t.Errorf("from %q to %q in %d edits, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}
