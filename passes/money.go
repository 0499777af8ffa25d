package passes

import (
	"strconv"
	"strings"
)

const narrow = "\u00a0" // a space that does not break

// Symbols that people write instead of a currency's code.
var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "PLN": "zł", "RON": "lei"}

// Money writes an amount of minor units as people who speak the language do; whole
// units without decimals.
func Money(l Language, minor int64, code string) string {
	s := &speakers[l.index()]
	scale := digits(code)
	amount := s.decimal(minor, scale, scale)
	symbol := symbols[code]
	switch {
	case symbol == "":
		return amount + narrow + code
	case l == English && len([]rune(symbol)) == 1:
		if strings.HasPrefix(amount, "-") {
			return "-" + symbol + amount[1:]
		}
		return symbol + amount
	}
	return amount + narrow + symbol
}

// percent writes basis points: 12.5 %.
// Percent writes basis points as people who speak the language do.
func Percent(l Language, rate int64) string { return speakers[l.index()].percent(rate) }

func (s *speaker) percent(rate int64) string { return s.decimal(rate, 2, 0) + narrow + "%" }

// decimal writes n / 10^scale, with no fraction where there is none, and else at
// least so many digits of it.
func (s *speaker) decimal(n int64, scale, digits int) string {
	unit := int64(1)
	for range scale {
		unit *= 10
	}
	whole, part := n/unit, max(n%unit, -(n%unit))
	text := s.number(whole)
	if n < 0 && whole == 0 {
		text = "-" + text
	}
	if part == 0 {
		return text
	}
	fraction := strconv.FormatInt(unit+part, 10)[1:]
	for len(fraction) > digits && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	return text + s.say("decimal") + fraction
}
