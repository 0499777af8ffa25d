package loyalty

import (
	"fmt"
	"slices"
	"strings"
)

// MaxKeyLength bounds a key, in bytes.
const MaxKeyLength = 64

// IsKey reports whether text can name a program or a reward in files: lower-case
// letters and digits, parted by single hyphens.
func IsKey(text string) bool {
	return len(text) <= MaxKeyLength && text != "" && text == hyphenated(text)
}

// FileKey is what names the program in files: its key, or one made of its name,
// which changes with that. Several programs may have the same: FileKeys tells them
// apart.
func (r *Rules) FileKey() string {
	if r.Key != "" {
		return r.Key
	}
	return keyOf(r.Name, "program")
}

// LongFileKey is what names a program that has no key where another one has the same
// FileKey: that, with the end of its id.
func (p *Program) LongFileKey() string {
	id := p.ID.String()
	return p.FileKey() + "-" + id[len(id)-idInKey:]
}

// idInKey is how much of an id stands in a key: 50 random bits.
const idInKey = 10

// FileKeys are what names a merchant's programs in files, each another one: their
// keys, or ones made of their names, and of their ids where names are not enough.
func FileKeys(programs []*Program) map[ProgramID]string {
	named := map[string]int{}
	for _, p := range programs {
		named[p.FileKey()]++
	}
	keys := make(map[ProgramID]string, len(programs))
	for _, p := range programs {
		keys[p.ID] = p.FileKey()
		if p.Key == "" && named[p.FileKey()] > 1 {
			keys[p.ID] = p.LongFileKey()
		}
	}
	return keys
}

// RewardKeys are what names its rewards in files, each another one: their keys, or
// ones made of their names.
func (r *Rules) RewardKeys() map[RewardID]string {
	keys := make(map[RewardID]string, len(r.Rewards))
	taken := map[string]bool{}
	for i := range r.Rewards {
		if key := r.Rewards[i].Key; key != "" {
			keys[r.Rewards[i].ID], taken[key] = key, true
		}
	}
	for i := range r.Rewards {
		reward := &r.Rewards[i]
		if reward.Key != "" {
			continue
		}
		plain := keyOf(reward.Name, "reward")
		key := plain
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s-%d", plain, n)
		}
		keys[reward.ID], taken[key] = key, true
	}
	return keys
}

// KeepKeys gives rules that follow others the keys that those had and they leave
// out, so that a change by whoever knows no files does not part a program from its
// file.
func (r *Rules) KeepKeys(before *Rules) {
	if r.Key == "" {
		r.Key = before.Key
	}
	for i := range r.Rewards {
		reward := &r.Rewards[i]
		had, ok := before.Reward(reward.ID)
		if reward.Key == "" && ok && !slices.ContainsFunc(r.Rewards, func(other Reward) bool { return other.Key == had.Key }) {
			reward.Key = had.Key
		}
	}
}

// checkKeys is Rules.Check for keys.
func (r *Rules) checkKeys() error {
	const problem = "must be at most 64 lower-case letters and digits, parted by hyphens, as in free-coffee"
	var wrong []error
	if r.Key != "" && !IsKey(r.Key) {
		wrong = append(wrong, &FieldError{Field: "key", Problem: problem})
	}
	for i := range r.Rewards {
		key := r.Rewards[i].Key
		field := fmt.Sprintf("rewards[%d].key", i)
		switch {
		case key == "":
		case !IsKey(key):
			wrong = append(wrong, &FieldError{Field: field, Problem: problem})
		case slices.ContainsFunc(r.Rewards[:i], func(other Reward) bool { return other.Key == key }):
			wrong = append(wrong, &FieldError{Field: field, Problem: "is the key of another reward already"})
		}
	}
	return joined(wrong...)
}

// maxMadeKey leaves room for a number behind a key that is made of a name.
const maxMadeKey = 48

func keyOf(name, otherwise string) string {
	key := hyphenated(name)
	if len(key) > maxMadeKey {
		key = strings.TrimRight(key[:maxMadeKey], "-")
	}
	if key == "" {
		return otherwise
	}
	return key
}

// hyphenated is what of a text can stand in a key.
func hyphenated(text string) string {
	var key strings.Builder
	parted := false
	for _, letter := range unaccented.Replace(strings.ToLower(text)) {
		if letter < '0' || letter > '9' && letter < 'a' || letter > 'z' {
			parted = true
			continue
		}
		if parted && key.Len() > 0 {
			key.WriteByte('-')
		}
		parted = false
		key.WriteRune(letter)
	}
	return key.String()
}

// unaccented are the letters that shops' names are full of.
var unaccented = strings.NewReplacer(
	"ą", "a", "á", "a", "à", "a", "â", "a", "ä", "a", "ă", "a", "å", "a", "ã", "a", "æ", "ae", "ć", "c", "ç", "c", "č", "c",
	"ď", "d", "ę", "e", "é", "e", "è", "e", "ê", "e", "ë", "e", "ě", "e", "í", "i", "ì", "i", "î", "i", "ï", "i", "ł", "l",
	"ń", "n", "ñ", "n", "ň", "n", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ő", "o", "ø", "o", "œ", "oe", "ř", "r",
	"ś", "s", "š", "s", "ș", "s", "ş", "s", "ß", "ss", "ť", "t", "ț", "t", "ţ", "t", "ú", "u", "ù", "u", "û", "u", "ü", "u",
	"ů", "u", "ű", "u", "ý", "y", "ź", "z", "ż", "z", "ž", "z",
)
