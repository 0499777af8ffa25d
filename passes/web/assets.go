package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"

	"stempel/passes"
)

//go:embed assets
var assets embed.FS

// assetTypes are the media types of what browsers load.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// Asset is one of the files that pages load, or false.
func Asset(name string) (file []byte, mediaType string, ok bool) {
	if path.Base(name) != name {
		return nil, "", false
	}
	file, err := assets.ReadFile("assets/" + name)
	return file, assetTypes[path.Ext(name)], err == nil
}

// AssetVersion names all of the files as they are, together: scripts load one another
// from their own folder, so no browser mixes those of two versions.
var AssetVersion = func() string {
	files, err := assets.ReadDir("assets")
	sum := sha256.New()
	for _, file := range files {
		text, _, _ := Asset(file.Name())
		fmt.Fprintf(sum, "%s %d %s", file.Name(), len(text), text)
	}
	if err != nil {
		panic("the files of pages: " + err.Error())
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}()

// assetPath is the address of a file, another one for each version. It panics on a
// file that is not there: names stand in templates, which tests render.
func assetPath(name string) string {
	if _, _, ok := Asset(name); !ok {
		panic("there is no asset " + name)
	}
	return "/pages/" + AssetVersion + "/" + name
}

// Policy is the Content-Security-Policy of all pages: nothing from elsewhere, and
// no script or style but in files of our own (W3C CSP Level 3).
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Style are a brand's colours as a style sheet of variables.
func Style(f *passes.Face) []byte {
	c := f.Brand.Colors
	return []byte(":root{--brand:" + c.Background.String() + ";--on-brand:" + c.Foreground.String() +
		";--soft:" + c.Label.String() + ";--accent:" + c.Accent.String() + "}\n")
}
