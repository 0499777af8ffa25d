package api

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"stempel/internal/loyalty"
)

// readBonus holds that a bonus has a name.
func readBonus(from *jsontext.Decoder, into *loyalty.Bonus) error {
	type plain loyalty.Bonus
	var b plain
	if err := json.UnmarshalDecode(from, &b); err != nil {
		return err
	}
	if b.Name == "" {
		return missingIn(from, "name")
	}
	*into = loyalty.Bonus(b)
	return nil
}

// readLinesBonus holds that it is said what is given for what.
func readLinesBonus(from *jsontext.Decoder, into *loyalty.LinesBonus) error {
	type plain loyalty.LinesBonus
	lines := plain{Units: absent, Per: absent}
	if err := json.UnmarshalDecode(from, &lines); err != nil {
		return err
	}
	switch {
	case lines.Units == absent:
		return missingIn(from, "units")
	case lines.Per == absent:
		return missingIn(from, "per")
	case lines.Of == "":
		return missingIn(from, "of")
	}
	*into = loyalty.LinesBonus(lines)
	return nil
}
