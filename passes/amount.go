package passes

import (
	"strings"

	"golang.org/x/text/currency"

	"stempel/internal/loyalty"
)

// digits of a currency behind the decimal sign (CLDR); 2 where it is not known.
func digits(code string) int {
	if unit, err := currency.ParseISO(code); err == nil {
		scale, _ := currency.Standard.Rounding(unit)
		return scale
	}
	return 2
}

// MinorUnits of a whole one of a currency: 100 of EUR, 1 of JPY.
func MinorUnits(code string) int64 {
	unit := int64(1)
	for range digits(code) {
		unit *= 10
	}
	return unit
}

// ParseMoney reads an amount as people type it, in minor units: 5, 5.5, 5,50, or 5 € of
// EUR. It guesses nothing: what has two signs between digits, or more digits than the
// currency, is no amount. Neither is 0, or more than loyalty.MaxAmount.
func ParseMoney(text, code string) (minor int64, ok bool) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, text)
	for _, sign := range []string{symbols[code], code} {
		if before, cut := strings.CutSuffix(text, sign); cut && sign != "" {
			text = before
		} else {
			text = strings.TrimPrefix(text, sign)
		}
	}
	whole, part, pointed := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	scale := digits(code)
	if whole == "" || pointed && part == "" || len(part) > scale {
		return 0, false
	}
	for _, digit := range whole + part + strings.Repeat("0", scale-len(part)) {
		if digit < '0' || digit > '9' || minor > loyalty.MaxAmount {
			return 0, false
		}
		minor = minor*10 + int64(digit-'0')
	}
	return minor, minor > 0 && minor <= loyalty.MaxAmount
}

// Points says a number of them.
func Points(l Language, n int64) string { return speakers[l.index()].count("count.points", n, nil) }
