package loyalty

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Labels are the tags that a merchant puts on members, such as parents or vip: lower-
// case words, each once, in the order of the alphabet, with a space between them. Rules
// ask for them; they say nothing of who it is. (A Tag is an NFC chip.)
type Labels string

// Bounds of a member's labels.
const (
	MaxLabels      = 20
	maxLabelLength = 32 // bytes
)

// NewLabels puts words in their one order. Errors: a *FieldError of tags.
func NewLabels(words []string) (Labels, error) {
	if len(words) > MaxLabels {
		return "", &FieldError{Field: "tags", Problem: fmt.Sprintf("are more than %d", MaxLabels)}
	}
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	for _, word := range words {
		if !isLabel(word) {
			return "", &FieldError{Field: "tags", Problem: fmt.Sprintf("has %q, and a tag is %s", word, aLabel)}
		}
	}
	return Labels(strings.Join(words, " ")), nil
}

const aLabel = "up to 32 small letters and digits, with single hyphens between them"

// isLabel is IsKey, of shorter words.
func isLabel(word string) bool { return len(word) <= maxLabelLength && IsKey(word) }

// All are the words, one by one.
func (l Labels) All() iter.Seq[string] { return strings.FieldsSeq(string(l)) }

// List are the words.
func (l Labels) List() []string { return strings.Fields(string(l)) }

// Has reports whether a word is one of them.
func (l Labels) Has(word string) bool {
	for has := range l.All() {
		if has == word {
			return true
		}
	}
	return false
}

// And are the words of either, as far as there may be so many: those of l first.
func (l Labels) And(other Labels) Labels {
	words := l.List()
	for word := range other.All() {
		if len(words) < MaxLabels && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return Labels(strings.Join(words, " "))
}
