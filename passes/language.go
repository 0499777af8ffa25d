package passes

import "golang.org/x/text/language"

// Language is one that cards speak, as its BCP 47 tag.
type Language string

// The languages of cards. English is what those who speak none of them see.
const (
	English  Language = "en"
	Polish   Language = "pl"
	Romanian Language = "ro"
)

// Languages lists them in the order of Face.Texts.
func Languages() []Language { return []Language{English, Polish, Romanian} }

var matcher = language.NewMatcher([]language.Tag{language.English, language.Polish, language.Romanian})

// MatchLanguage is the one that suits somebody best, by an Accept-Language header
// (RFC 9110 §12.5.4) or a single tag. What cannot be read is English.
func MatchLanguage(accept string) Language {
	_, i := language.MatchStrings(matcher, accept)
	return Languages()[i]
}

// index of the language in Languages; 0, English, for one that is not there.
func (l Language) index() int {
	for i, known := range Languages() {
		if known == l {
			return i
		}
	}
	return 0
}

const languageCount = 3
