package api

import (
	"stempel/internal/loyalty"
	"stempel/internal/templates"
)

// Template makes the rules of a named template, with rewards of their own. They
// have no keys: a merchant may make several programs of one. Errors: that there is
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
	rules, err := files[0].Rules(newRewards)
	rules.Key = ""
	for i := range rules.Rewards {
		rules.Rewards[i].Key = ""
	}
	return rules, err
}
