package api

import (
	"stempel/internal/loyalty"
	"stempel/internal/templates"
)

// Template makes the rules of a named template, with rewards of their own. It has the
// keys of its file: where a merchant makes several programs of one template, those
// after the first go without (store.CreateFromTemplate). Errors: that there is
// none of that name, with those that there are.
func Template(name string) (loyalty.Rules, error) {
	text, err := templates.File(name)
	if err != nil {
		return loyalty.Rules{}, err
	}
	files, err := ReadPrograms(name+".yaml", text)
	if err != nil {
		return loyalty.Rules{}, err
	}
	return files[0].Rules(newRewards)
}
