package templates

import (
	"testing"

	"stempel/internal/loyalty"
	earnrules "stempel/internal/rules"
)

func TestEveryTemplateIsAProgram(t *testing.T) {
	if len(Names()) != len(makers) {
		t.Fatalf("%d names for %d templates", len(Names()), len(makers))
	}
	for _, name := range Names() {
		rules, err := Rules(name, loyalty.NewID)
		if err != nil {
			t.Fatal(err)
		}
		if err := earnrules.Check(&rules); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if rules.Template != name || len(rules.Rewards) == 0 && rules.Kind != loyalty.Discount {
			t.Errorf("%s: template %q with %d rewards", name, rules.Template, len(rules.Rewards))
		}
	}
}

func TestRewardsAreFresh(t *testing.T) {
	a, _ := Rules("cafe", loyalty.NewID)
	b, _ := Rules("cafe", loyalty.NewID)
	if a.Rewards[0].ID == b.Rewards[0].ID {
		t.Error("two shops share a reward")
	}
}

func TestUnknownTemplate(t *testing.T) {
	if _, err := Rules("butcher", loyalty.NewID); err == nil {
		t.Error("want an error that names the templates")
	}
}
