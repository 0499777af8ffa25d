package web

import (
	"embed"
	"encoding/json"
	"strings"

	"stempel/passes"
)

//go:embed translations/*.json
var translations embed.FS

// texts are those of each language.
var texts = func() map[passes.Language]map[string]string {
	all := map[passes.Language]map[string]string{}
	for _, l := range passes.Languages() {
		file, err := translations.ReadFile("translations/" + string(l) + ".json")
		if err == nil {
			in := map[string]string{}
			err = json.Unmarshal(file, &in)
			all[l] = in
		}
		if err != nil {
			panic("the texts of pages: " + err.Error())
		}
	}
	return all
}()

// say is a text; a test holds that there is each one in each language.
func say(l passes.Language, id string) string {
	text, ok := texts[l][id]
	if !ok {
		panic("the texts of pages: there is no " + id + " in " + string(l))
	}
	return text
}

// Say is one of the texts of pages, with the brand's name where it belongs.
func Say(l passes.Language, id, brand string) string {
	return strings.ReplaceAll(say(l, id), "{brand}", brand)
}
