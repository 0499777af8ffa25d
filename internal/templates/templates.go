// Package templates has ready-made programs by the name of the shop that would
// run them: files as stempel apply reads them. A shop takes one as it is and
// changes what it likes. It knows nothing of what they say.
package templates

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names lists the templates in a fixed order.
func Names() []string {
	return []string{"ice-cream", "car-wash", "shoe-shop", "cafe", "pharmacy", "supermarket", "fuel", "restaurant", "parents", "employees", "coalition"}
}

// File is the text of a template.
func File(name string) ([]byte, error) {
	text, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no template %q: there are %s", name, strings.Join(Names(), ", "))
	}
	return text, nil
}
