package personal

import (
	"slices"

	"golang.org/x/text/language"
)

// Profile is what is known of a member: all of it, and nowhere else. Every value
// has been read by a parser of this package.
type Profile struct {
	Name       string `json:"name,omitempty"`
	Phone      string `json:"phone,omitempty"`       // E.164
	Email      string `json:"email,omitempty"`       // lower case, the domain as in the DNS
	ExternalID string `json:"external_id,omitempty"` // as the merchant has it
	Language   string `json:"language,omitempty"`    // BCP 47

	// Others are contacts that came with members merged into this one, and differ
	// from its own. They find it, too.
	Others []Contact `json:"others,omitempty"`
}

// Shown is what a member was shown when asked for a consent, and where.
type Shown struct {
	Wording  string `json:"wording,omitempty"`
	Version  string `json:"version,omitempty"`
	Language string `json:"language,omitempty"` // BCP 47
	Source   string `json:"source,omitempty"`
}

const (
	maxName     = 200 // characters
	maxLanguage = 35  // characters, BCP 47 §4.4.1
)

// ParseName trims a name. Errors: a *loyalty.FieldError of name.
func ParseName(text string) (string, error) { return line("name", text, maxName) }

// ParseLanguage reads a language tag into its canonical form (pt-BR). Errors: a
// *loyalty.FieldError of language.
func ParseLanguage(text string) (string, error) {
	if len(text) <= maxLanguage {
		if tag, err := language.Parse(text); err == nil && tag != language.Und {
			return tag.String(), nil
		}
	}
	return "", wrong("language", "must be a language tag, as in de or pt-BR")
}

// Contacts are all that finds the member, its own first.
func (p *Profile) Contacts() []Contact {
	var all []Contact
	for _, c := range []Contact{{Phone, p.Phone}, {Email, p.Email}, {ExternalID, p.ExternalID}} {
		if c.Value != "" {
			all = append(all, c)
		}
	}
	for _, c := range p.Others {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// Replace takes over every value that other has. Of other contacts, those that
// are the member's own now go.
func (p *Profile) Replace(other *Profile) {
	for _, pair := range [][2]*string{
		{&p.Name, &other.Name},
		{&p.Phone, &other.Phone},
		{&p.Email, &other.Email},
		{&p.ExternalID, &other.ExternalID},
		{&p.Language, &other.Language},
	} {
		if *pair[1] != "" {
			*pair[0] = *pair[1]
		}
	}
	own := Profile{Phone: p.Phone, Email: p.Email, ExternalID: p.ExternalID}
	p.Others = slices.DeleteFunc(p.Others, func(c Contact) bool { return slices.Contains(own.Contacts(), c) })
}

// Merge is the profile of one person who was known as two: into's values where
// it has some, from's where not. No contact of either is lost.
func Merge(into, from Profile) Profile {
	merged := into
	fill(&merged.Name, from.Name)
	fill(&merged.Phone, from.Phone)
	fill(&merged.Email, from.Email)
	fill(&merged.ExternalID, from.ExternalID)
	fill(&merged.Language, from.Language)
	merged.Others = nil
	own := merged.Contacts()
	for _, c := range slices.Concat(into.Others, from.Contacts()) {
		if !slices.Contains(own, c) && !slices.Contains(merged.Others, c) {
			merged.Others = append(merged.Others, c)
		}
	}
	return merged
}

func fill(value *string, other string) {
	if *value == "" {
		*value = other
	}
}
