package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// openString finds a string's prefix (r for raw, b for bytes) and quote.
func openString(rest string) (prefix, quote string, ok bool) {
	n := 0
	for n < 2 && n < len(rest) && strings.IndexByte("rRbB", rest[n]) >= 0 {
		n++
	}
	for _, quote := range []string{`"""`, "'''", `"`, "'"} {
		if strings.HasPrefix(rest[n:], quote) {
			return rest[:n], quote, true
		}
	}
	return "", "", false
}

// readString reads the string that begins there, and how many bytes it takes.
func readString(text string, at int, prefix, quote string) (says string, length int, err error) {
	start := at + len(prefix) + len(quote)
	var read strings.Builder
	for i := start; i < len(text); {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], quote):
			return read.String(), i + len(quote) - at, nil
		case (c == '\n' || c == '\r') && len(quote) == 1:
			return "", 0, errorAt(text, at, "the string does not end on its line")
		case c == '\\' && prefix == "":
			r, n := escape(text[i:])
			if n == 0 {
				return "", 0, errorAt(text, i, "no such escape is known")
			}
			read.WriteRune(r)
			i += n
		default:
			read.WriteByte(c)
			i++
		}
	}
	return "", 0, errorAt(text, at, "the string does not end")
}

// plainEscapes are those of one character.
var plainEscapes = map[byte]rune{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
	'\\': '\\', '?': '?', '"': '"', '\'': '\'', '`': '`',
}

// escape reads one escape sequence; its length is 0 where it is none.
func escape(text string) (r rune, length int) {
	if len(text) < 2 {
		return 0, 0
	}
	if r, ok := plainEscapes[text[1]]; ok {
		return r, 2
	}
	digits, base, from := 0, 16, 2
	switch text[1] {
	case 'x', 'X':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3':
		digits, base, from = 3, 8, 1
	}
	if digits == 0 || len(text) < from+digits {
		return 0, 0
	}
	code, err := strconv.ParseUint(text[from:from+digits], base, 32)
	if err != nil || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		return 0, 0
	}
	return rune(code), from + digits
}
