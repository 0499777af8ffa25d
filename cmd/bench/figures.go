package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// figures are what a run found out, by name: one flat object of numbers, so that
// a script can compare runs without knowing us.
type figures map[string]float64

// write keeps the figures as JSON in a file; an empty path means nowhere.
func (f figures) write(path string) error {
	if path == "" {
		return nil
	}
	for name, value := range f {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("the figure %s is no number", name)
		}
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
