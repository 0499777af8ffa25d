package passes

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
)

// sentence is a text with gaps: what stands in it and the names of the gaps take
// turns, beginning with what stands there.
type sentence []string

// readSentence reads one whose gaps look like {{.Name}}.
func readSentence(said string) (sentence, error) {
	var read sentence
	for {
		before, rest, gap := strings.Cut(said, "{{.")
		read = append(read, before)
		if !gap {
			return read, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, fmt.Errorf("the gap {{.%s is not closed", rest)
		}
		read, said = append(read, name), after
	}
}

// fill writes words into the gaps. It panics where one is missing.
func (s sentence) fill(with words) string {
	if len(s) == 1 {
		return s[0]
	}
	filled := make([]string, len(s))
	copy(filled, s)
	for i := 1; i < len(s); i += 2 {
		word, ok := with[s[i]]
		if !ok {
			panic("the texts of cards: nobody says " + s[i])
		}
		filled[i] = word
	}
	return strings.Join(filled, "")
}

// forms are the plural forms of a text; one without plurals has the form other.
type forms map[plural.Form]sentence

// pluralForms by the names that CLDR gives them.
var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// UnmarshalJSON reads a text, or an object with one for each form.
func (f *forms) UnmarshalJSON(file []byte) error {
	var one string
	said := map[string]string{}
	if json.Unmarshal(file, &one) == nil {
		said["other"] = one
	} else if err := json.Unmarshal(file, &said); err != nil {
		return err
	}
	*f = forms{}
	for name, text := range said {
		form, ok := pluralForms[name]
		if !ok {
			return fmt.Errorf("there is no plural form %q", name)
		}
		read, err := readSentence(text)
		if err != nil {
			return err
		}
		(*f)[form] = read
	}
	return nil
}
