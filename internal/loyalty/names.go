package loyalty

import (
	"fmt"
	"strconv"
)

// nameOf finds a value's name in a table whose index is the value. What has no
// name can only come from a damaged row, and shows its number.
func nameOf[T ~uint8](names []string, value T) string {
	if int(value) >= len(names) || (names[value] == "" && value != 0) {
		return strconv.Itoa(int(value))
	}
	return names[value]
}

// parseName finds the value of a name.
func parseName[T ~uint8](names []string, text, what string) (T, error) {
	for value, name := range names {
		if name == text && name != "" {
			return T(value), nil
		}
	}
	return 0, fmt.Errorf("%q is not a %s", text, what)
}
