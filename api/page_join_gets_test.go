package api_test

import (
	"strings"
	"testing"
)

// The join page says what a card gives at once, and what each reward costs.
func TestJoinPageSaysWhatOneGets(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	parents, restaurant := w.NewProgram(t, w.Shop, "parents"), w.NewProgram(t, w.Shop, "restaurant")
	for door, want := range map[string][]string{
		w.staffDoor() + "?lang=en":                     {"<li>10\u00a0% off</li></ul>", "Who it is for</h2><ul><li>People who work for ", "<li>People who work for a partner of "},
		"/join/" + restaurant.ID.String() + "?lang=en": {"<li>3\u00a0% off</li><li>", "more to 5\u00a0% off</li><li>", "% off once you have spent "},
		"/join/" + parents.ID.String() + "?lang=en":    {"80 points: A picture book", "150 points: A pack of nappies", "<li>Members whom "},
	} {
		_, text := w.ask(t, door, nil)
		for _, line := range want {
			if !strings.Contains(strings.ReplaceAll(text, "\u202f", "\u00a0"), line) {
				t.Errorf("%s says no %q: %s", door, line, text)
			}
		}
	}
}

// A sheet on the wall is read by everybody: of a program for some it promises nothing.
func TestPosterOfAProgramForSome(t *testing.T) {
	t.Parallel()
	w := newWorkplace(t)
	for door, promises := range map[string]bool{
		"/join/" + w.NewProgram(t, w.Shop, "parents").ID.String():     false,
		"/join/" + w.NewProgram(t, w.Shop, "supermarket").ID.String(): true,
	} {
		if _, svg := w.ask(t, door+"/poster.svg?lang=en", nil); strings.Contains(svg, "points") != promises {
			t.Errorf("%s promises something: %t", door, !promises)
		}
	}
}
