package passes

import (
	"embed"
	"encoding/json"
	"strconv"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The texts of cards, a file for each language: by its id either a text, or one
// for each plural form of the language, as CLDR names them.
//
//go:embed translations/*.json
var translations embed.FS

// speaker says things in one language.
type speaker struct {
	language Language
	tag      language.Tag
	texts    map[string]forms
}

// speakers are in the order of Languages.
var speakers = func() (all [languageCount]speaker) {
	for i, l := range Languages() {
		all[i] = speaker{language: l, tag: language.MustParse(string(l))}
		file, err := translations.ReadFile("translations/" + string(l) + ".json")
		if err == nil {
			err = json.Unmarshal(file, &all[i].texts)
		}
		if err != nil {
			panic("the texts of cards: " + err.Error())
		}
	}
	return all
}()

// words fill the gaps of a text.
type words map[string]string

// say is a text without gaps. It panics as of does.
func (s *speaker) say(id string) string { return s.tell(id, nil) }

// tell is a text with gaps.
func (s *speaker) tell(id string, fill words) string { return s.of(id, plural.Other).fill(fill) }

// count is a text about a number of things, which stands in it as N.
func (s *speaker) count(id string, n int64, fill words) string {
	if fill == nil {
		fill = words{}
	}
	fill["N"] = s.number(n)
	const most = 1_000_000 // above, rules ask only whether there is more
	whole := max(n%most, -(n % most))
	if n <= -most || n >= most {
		whole += most
	}
	return s.of(id, plural.Cardinal.MatchPlural(s.tag, int(whole), 0, 0, 0, 0)).fill(fill)
}

// of panics on a text that is not there: the names of texts are in this package's
// code alone, and its tests say each of them.
func (s *speaker) of(id string, form plural.Form) sentence {
	said, ok := s.texts[id][form]
	if !ok {
		panic("the texts of cards: there is no " + id + " in " + string(s.language))
	}
	return said
}

// number writes a whole number with the thousands apart as people there do.
func (s *speaker) number(n int64) string {
	if n > -1000 && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return message.NewPrinter(s.tag).Sprint(n)
}

// Day is the last day on which something is good that ends at an instant, as people who
// speak the language write it.
func Day(l Language, end time.Time, zone *time.Location) string {
	return speakers[l.index()].date(end, zone)
}

// date is the last day on which something is good that ends at an instant.
func (s *speaker) date(end time.Time, zone *time.Location) string {
	year, month, day := end.Add(-time.Microsecond).In(zone).Date()
	return s.tell("date", words{
		"Day": strconv.Itoa(day), "Month": s.say("month." + strconv.Itoa(int(month))), "Year": strconv.Itoa(year),
	})
}
