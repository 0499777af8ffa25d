package rules_test

import (
	"strings"
	"testing"

	"stempel/internal/rules"
)

// What can divide by zero for an ordinary purchase is told, and what looks before it
// divides is not.
func TestDoubts(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		"100 / (card.visit - 1) > 5":                          "at 1:5 for ordinary purchases, such as number 1 of a card, at 00:00",
		"card.visit % (card.visit - 10) == 0":                 "such as number 10 of a card",
		"100 / now.minute > 1":                                "number 1 of a card",
		"base > 100 || 7 / (now.weekday - 7) == 1":            "number 7 of a card",
		"purchase.total.amount / purchase.items.size() > 100": "number 1 of a card",
		"100 / card.balance > 5":                              "number 1 of a card",
		"100 / card.visit > 5":                                "",
		"card.visit % 10 == 0":                                "",
		"card.balance > 0 && 100 / card.balance > 5":          "",
		"card.visit == 1 || 100 / (card.visit - 1) > 5":       "",
		"purchase.items[0].sku == \"1\"":                      "",
	} {
		p := compile(t, when)
		got := rules.Doubts(&p.Rules)
		switch {
		case want == "" && len(got) == 0:
		case want == "" || len(got) != 1 || got[0].Field != "earn.bonuses[0].when" || !strings.Contains(got[0].Problem, want) || !strings.HasPrefix(got[0].Problem, `of "test" divides by zero`):
			t.Errorf("%s: %v", when, got)
		}
	}
}
