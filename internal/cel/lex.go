package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with an expression, or what went wrong when it was asked.
type Error struct {
	Line, Column int // from 1; columns count characters
	Problem      string
}

func (e *Error) Error() string {
	return "at " + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Problem
}

// errorAt is an Error at a byte of the text.
func errorAt(text string, at int, problem string) *Error {
	before := text[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1, Problem: problem,
	}
}

type tokenKind uint8

const (
	endOfText tokenKind = iota
	word                // an identifier, or true, false, in …
	number
	quoted
	sign // an operator, or a bracket
)

// token is one word of an expression.
type token struct {
	kind tokenKind
	at   int    // byte of the text
	text string // of a word or sign; of a string what it says
}

// signs are all operators and brackets, those of two characters first.
var signs = []string{
	"&&", "||", "==", "!=", "<=", ">=",
	"<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")", "[", "]", "{", "}", ".", ",",
}

// lex splits an expression into words; the last token is the end of the text.
func lex(text string) (tokens []token, err error) {
	if !utf8.ValidString(text) {
		return nil, &Error{Line: 1, Column: 1, Problem: "the text is not UTF-8"}
	}
	for at := 0; ; {
		at = skipBlank(text, at)
		if at == len(text) {
			return append(tokens, token{kind: endOfText, at: at}), nil
		}
		next, length, err := nextToken(text, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, next)
		at += length
	}
}

// skipBlank goes over white space and comments.
func skipBlank(text string, at int) int {
	for at < len(text) {
		switch {
		case strings.IndexByte(" \t\n\r\f", text[at]) >= 0:
			at++
		case strings.HasPrefix(text[at:], "//"):
			end := strings.IndexByte(text[at:], '\n')
			if end < 0 {
				return len(text)
			}
			at += end
		default:
			return at
		}
	}
	return at
}

func nextToken(text string, at int) (token, int, error) {
	rest := text[at:]
	if prefix, quote, ok := openString(rest); ok {
		if strings.ContainsAny(prefix, "bB") {
			return token{}, 0, errorAt(text, at, "bytes are not for conditions: leave out the b")
		}
		says, length, err := readString(text, at, prefix, quote)
		return token{quoted, at, says}, length, err
	}
	switch c := rest[0]; {
	case isLetter(c):
		end := 1
		for end < len(rest) && (isLetter(rest[end]) || isDigit(rest[end])) {
			end++
		}
		return token{word, at, rest[:end]}, end, nil
	case isDigit(c):
		end := 1
		for end < len(rest) && (isLetter(rest[end]) || isDigit(rest[end])) {
			end++
		}
		if end < len(rest)-1 && rest[end] == '.' && isDigit(rest[end+1]) {
			return token{}, 0, errorAt(text, at, "numbers are whole: money counts minor units, quantities count thousandths")
		}
		return token{number, at, rest[:end]}, end, nil
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			return token{sign, at, s}, len(s), nil
		}
	}
	return token{}, 0, errorAt(text, at, "a character stands here that means nothing in an expression")
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
