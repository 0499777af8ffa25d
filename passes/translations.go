package passes

import (
	"embed"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The texts of cards, a file for each language. Plurals are CLDR's.
//
//go:embed translations/*.json
var translations embed.FS

// speaker says things in one language.
type speaker struct {
	language Language
	tag      language.Tag
	plain    map[string]string // texts without gaps and plurals
	texts    *i18n.Localizer   // all of them
}

// speakers are in the order of Languages.
var speakers = func() (all [languageCount]speaker) {
	for i, l := range Languages() {
		tag := language.MustParse(string(l))
		bundle := i18n.NewBundle(tag) // of its own: no text is ever another language's
		file, err := bundle.LoadMessageFileFS(translations, "translations/"+string(l)+".json")
		if err != nil {
			panic("the texts of cards: " + err.Error())
		}
		plain := map[string]string{}
		for _, m := range file.Messages {
			if m.One == "" && !strings.Contains(m.Other, "{{") {
				plain[m.ID] = m.Other
			}
		}
		all[i] = speaker{language: l, tag: tag, plain: plain, texts: i18n.NewLocalizer(bundle, string(l))}
	}
	return all
}()

// words fill the gaps of a text.
type words map[string]string

// say is a text without gaps. It panics as localize does.
func (s *speaker) say(id string) string {
	text, ok := s.plain[id]
	if !ok {
		panic("the texts of cards: there is no plain " + id)
	}
	return text
}

// tell is a text with gaps.
func (s *speaker) tell(id string, fill words) string {
	return s.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: fill})
}

// count is a text about a number of things, which stands in it as N.
func (s *speaker) count(id string, n int64, fill words) string {
	if fill == nil {
		fill = words{}
	}
	fill["N"] = s.number(n)
	return s.localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: fill})
}

// localize panics on a text that is not there: the names of texts are in this
// package's code alone, and its tests say each of them.
func (s *speaker) localize(what *i18n.LocalizeConfig) string {
	text, err := s.texts.Localize(what)
	if err != nil {
		panic("the texts of cards: " + err.Error())
	}
	return text
}

// number writes a whole number with the thousands apart as people there do.
func (s *speaker) number(n int64) string {
	if n > -1000 && n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return message.NewPrinter(s.tag).Sprint(n)
}

// date is the last day on which something is good that ends at an instant.
func (s *speaker) date(end time.Time, zone *time.Location) string {
	year, month, day := end.Add(-time.Microsecond).In(zone).Date()
	return s.tell("date", words{
		"Day": strconv.Itoa(day), "Month": s.say("month." + strconv.Itoa(int(month))), "Year": strconv.Itoa(year),
	})
}
