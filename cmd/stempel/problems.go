package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// problems are what is wrong with a configuration, collected so that all of it is
// told at once.
type problems []problem

type problem struct{ setting, what string }

// add tells of a mistake. Of one setting only the first counts: the others mostly
// follow from it.
func (p *problems) add(setting, format string, args ...any) {
	if slices.ContainsFunc(*p, func(known problem) bool { return known.setting == setting }) {
		return
	}
	*p = append(*p, problem{setting, fmt.Sprintf(format, args...)})
}

// err is nil when nothing is wrong.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString("the configuration is wrong:")
	for _, one := range p {
		fmt.Fprintf(&text, "\n  %s: %s", one.setting, one.what)
	}
	return errors.New(text.String())
}
