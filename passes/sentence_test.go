package passes

import (
	"encoding/json"
	"slices"
	"testing"

	"golang.org/x/text/feature/plural"
	"pgregory.net/rapid"
)

func TestSentencesAreFilled(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"":                          "",
		"No gap.":                   "No gap.",
		"{{.N}}":                    "12",
		"{{.N}} of {{.N}}":          "12 of 12",
		"Now {{.N}}: {{.Reward}}.":  "Now 12: a cone {{.N}}.",
		"{{.Reward}}{{.N}}":         "a cone {{.N}}12",
		"{{ braces }} {{.N}} }} {{": "{{ braces }} 12 }} {{",
	} {
		read, err := readSentence(said)
		if err != nil {
			t.Errorf("%q: %v", said, err)
			continue
		}
		if got := read.fill(words{"N": "12", "Reward": "a cone {{.N}}"}); got != want {
			t.Errorf("%q says %q, want %q", said, got, want)
		}
	}
}

func TestUnreadableTextsAreRefused(t *testing.T) {
	t.Parallel()
	for _, file := range []string{`7`, `null7`, `["a"]`, `{"other": 7}`, `{"dual": "a"}`, `"{{.N} left open"`, `{"one": "a", "other": "{{.N"}`} {
		var read forms
		if err := json.Unmarshal([]byte(file), &read); err == nil {
			t.Errorf("%s is read as %v", file, read)
		}
	}
}

func TestNobodyForgetsAGap(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a sentence was said with a gap in it")
		}
	}()
	sentence{"", "N", " stamps"}.fill(words{"M": "1"})
}

// What CLDR says of counting things in whole numbers, written down anew:
// https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
func TestPluralsAreCLDRs(t *testing.T) {
	t.Parallel()
	rules := map[Language]func(n int64) plural.Form{
		English: func(n int64) plural.Form {
			if n == 1 {
				return plural.One
			}
			return plural.Other
		},
		Polish: func(n int64) plural.Form {
			switch {
			case n == 1:
				return plural.One
			case slices.Contains([]int64{2, 3, 4}, n%10) && !slices.Contains([]int64{12, 13, 14}, n%100):
				return plural.Few
			}
			return plural.Many
		},
		Romanian: func(n int64) plural.Form {
			switch {
			case n == 1:
				return plural.One
			case n == 0 || n%100 >= 1 && n%100 <= 19:
				return plural.Few
			}
			return plural.Other
		},
	}
	names := forms{}
	for name, form := range pluralForms {
		names[form] = sentence{name}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 250), rapid.Int64Range(9_999_900, 10_000_250), rapid.Int64Min(0)).Draw(t, "n")
		for _, s := range speakers {
			s.texts = map[string]forms{"things": names}
			want := names[rules[s.language](n)].fill(nil)
			if got := s.count("things", n, nil); got != want {
				t.Errorf("%s: %d things are %q, want %q", s.language, n, got, want)
			}
			if got := s.count("things", -n, nil); got != want {
				t.Errorf("%s: %d things less are %q, want %q", s.language, n, got, want)
			}
		}
	})
}
