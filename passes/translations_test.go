package passes

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"testing"

	"stempel/internal/loyalty"
)

// Every language says the same things, with the same gaps, in all the plural
// forms that it has.
func TestTranslationsAreWhole(t *testing.T) {
	t.Parallel()
	forms := map[Language][]string{
		English:  {"one", "other"},
		Polish:   {"few", "many", "one", "other"},
		Romanian: {"few", "one", "other"},
	}
	english := readTranslations(t, English)
	for _, l := range Languages() {
		texts := readTranslations(t, l)
		if got, want := slices.Sorted(maps.Keys(texts)), slices.Sorted(maps.Keys(english)); !slices.Equal(got, want) {
			t.Errorf("%s has the texts %q, English %q", l, got, want)
		}
		for id, text := range texts {
			plural := english[id]["other"] != "" && len(english[id]) > 1
			if plural && !slices.Equal(slices.Sorted(maps.Keys(text)), forms[l]) {
				t.Errorf("%s: %s has the forms %v, want %v", l, id, slices.Sorted(maps.Keys(text)), forms[l])
			}
			for form, said := range text {
				got, want := gaps(said), gaps(english[id]["other"])
				if form == "one" { // "one stamp" may do without the number
					got, want = slices.DeleteFunc(got, isN), slices.DeleteFunc(want, isN)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %s (%s) fills the gaps %v, English %v", l, id, form, got, want)
				}
			}
		}
	}
}

func isN(gap string) bool { return gap == "N" }

var gap = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func gaps(text string) (names []string) {
	for _, found := range gap.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return names
}

// readTranslations reads a file of texts by id and plural form; a text without
// plurals has the form "other".
func readTranslations(t *testing.T, l Language) map[string]map[string]string {
	t.Helper()
	file, err := translations.ReadFile("translations/" + string(l) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(file, &raw); err != nil {
		t.Fatal(err)
	}
	texts := map[string]map[string]string{}
	for id, text := range raw {
		var one string
		if json.Unmarshal(text, &one) == nil {
			texts[id] = map[string]string{"other": one}
			continue
		}
		forms := map[string]string{}
		if err := json.Unmarshal(text, &forms); err != nil {
			t.Fatalf("%s: %s: %v", l, id, err)
		}
		texts[id] = forms
	}
	return texts
}

func TestMatchLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]Language{
		"":                              English,
		"pl":                            Polish,
		"pl-PL,pl;q=0.9,en-US;q=0.8":    Polish,
		"ro-MD":                         Romanian,
		"de-DE,de;q=0.9,ro;q=0.5":       Romanian,
		"ja":                            English,
		"en;q=0.1, pl;q=0.9":            Polish,
		"\xff;;;q=what":                 English,
		"x-klingon, *":                  English,
		"pl;q=0, ro;q=0.001, de;q=0.99": Romanian,
	} {
		if got := MatchLanguage(accept); got != want {
			t.Errorf("%q is served in %q, want %q", accept, got, want)
		}
	}
}

func TestPalettesCanBeRead(t *testing.T) {
	t.Parallel()
	for name, palette := range palettes {
		if err := palette.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, kind := range []loyalty.ProgramKind{loyalty.Stamps, loyalty.Points, loyalty.Discount} {
		if palettes[string(kind)].IsZero() {
			t.Errorf("a %s program without a template has no colours", kind)
		}
	}
}
