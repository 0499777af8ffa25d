package poster

import (
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"stempel/internal/loyalty"
	"stempel/passes"
)

// wording is what a poster says in one language, whatever the program.
type wording struct {
	scan           string
	steps          [3]string
	stamps, points map[plural.Form]string
}

var wordings = map[passes.Language]wording{
	passes.English: {
		scan: "Scan me with your phone",
		steps: [3]string{
			"Scan the code with your phone’s camera",
			"Open your card: no app, no name needed",
			"Show it at the till and collect",
		},
		stamps: map[plural.Form]string{plural.One: "{n} stamp: {reward}", plural.Other: "{n} stamps: {reward}"},
		points: map[plural.Form]string{plural.One: "{n} point: {reward}", plural.Other: "{n} points: {reward}"},
	},
	passes.Polish: {
		scan: "Zeskanuj mnie telefonem",
		steps: [3]string{
			"Zeskanuj kod aparatem telefonu",
			"Otwórz kartę: bez aplikacji i nazwiska",
			"Pokazuj ją przy kasie i zbieraj",
		},
		stamps: map[plural.Form]string{
			plural.One: "{n} pieczątka: {reward}", plural.Few: "{n} pieczątki: {reward}", plural.Many: "{n} pieczątek: {reward}", plural.Other: "{n} pieczątki: {reward}",
		},
		points: map[plural.Form]string{
			plural.One: "{n} punkt: {reward}", plural.Few: "{n} punkty: {reward}", plural.Many: "{n} punktów: {reward}", plural.Other: "{n} punktu: {reward}",
		},
	},
	passes.Romanian: {
		scan: "Scanează-mă cu telefonul",
		steps: [3]string{
			"Scanează codul cu camera telefonului",
			"Deschide cardul: fără aplicație sau nume",
			"Arată-l la casă și adună",
		},
		stamps: map[plural.Form]string{
			plural.One: "{n} ștampilă: {reward}", plural.Few: "{n} ștampile: {reward}", plural.Other: "{n} de ștampile: {reward}",
		},
		points: map[plural.Form]string{
			plural.One: "{n} punct: {reward}", plural.Few: "{n} puncte: {reward}", plural.Other: "{n} de puncte: {reward}",
		},
	},
}

// Promise says what a card is collected for: "10 stamps: one free cone".
// Empty: it promises nothing.
func Promise(f *passes.Face, l passes.Language) string {
	next := f.Progress.Next
	if next.Name == "" {
		return ""
	}
	return Price(f.Kind, next.At, next.Name, l)
}

// Units says so many stamps or points.
func Units(kind loyalty.ProgramKind, n int64, l passes.Language) string {
	return strings.TrimSuffix(Price(kind, n, "", l), ": ")
}

// Price says what a reward is had for, in stamps or points, as Promise does.
func Price(kind loyalty.ProgramKind, n int64, reward string, l passes.Language) string {
	forms := wordings[l].points
	if kind == loyalty.Stamps {
		forms = wordings[l].stamps
	}
	form := plural.Cardinal.MatchPlural(language.Make(string(l)), int(n%1_000_000), 0, 0, 0, 0)
	return strings.NewReplacer("{n}", strconv.FormatInt(n, 10), "{reward}", reward).Replace(forms[form])
}
