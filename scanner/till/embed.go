package till

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed assets
var assets embed.FS

// assetTypes are the media types of what browsers load; licences are plain text.
var assetTypes = map[string]string{
	"":      "text/plain; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm", // else browsers do not compile while they load

	".webmanifest": "application/manifest+json",
}

// Asset is a file that browsers load.
type Asset struct {
	Name   string // its path below the till's own, such as read/camera.js
	Type   string // Content-Type
	ETag   string // quoted, of these bytes alone (RFC 9110 §8.8.3)
	Body   []byte // not to be changed
	Zipped bool   // Body is gzip (RFC 1952), as all but pictures are
}

// Plain is the file itself, for who reads no gzip.
func (a *Asset) Plain() []byte {
	if !a.Zipped {
		return a.Body
	}
	r, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil {
		panic(err) // compiled in, or zipped here
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return plain
}

// Open returns one of the files, or false.
func Open(name string) (Asset, bool) {
	a, ok := kept().files[name]
	return a, ok
}

// Names are those of all files, in order: what a tablet keeps for a start without
// network.
func Names() []string {
	return slices.Sorted(maps.Keys(kept().files))
}

// Version is another one whenever any file is another: 12 hexadecimal digits.
func Version() string { return kept().version }

// Policy is the Content-Security-Policy of the till's page (W3C CSP Level 3): nothing
// from elsewhere, and no script but in files of our own. 'wasm-unsafe-eval' lets the
// decoder be compiled and is no leave to evaluate text. blob: is the camera's picture.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'"

// Permissions is the Permissions-Policy of the till's page: what it reads with, for
// itself alone.
const Permissions = "camera=(self), serial=(self), microphone=(), geolocation=()"

type shelf struct {
	files   map[string]Asset
	version string
}

// kept reads every file once, when first asked, and zips what is compiled in as it is,
// scripts without their remarks; names that end in .gz are without it. It panics on a kind of file that has no media
// type, which tests see: all of them are compiled in.
var kept = sync.OnceValue(func() shelf {
	files, all := map[string]Asset{}, sha256.New()
	err := fs.WalkDir(assets, "assets", func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := assets.ReadFile(at)
		if err != nil {
			return err
		}
		name, zipped := strings.CutSuffix(strings.TrimPrefix(at, "assets/"), ".gz")
		mediaType, ok := assetTypes[path.Ext(name)]
		if !ok {
			panic("what kind of file is " + name + "?")
		}
		if path.Ext(name) == ".js" && !strings.HasPrefix(name, "zxing/") { // whose comments are its licence
			body = remarks.ReplaceAll(body, nil)
		}
		if !zipped && mediaType != "image/png" {
			body, zipped = zip(body), true
		}
		sum := sha256.Sum256(body)
		files[name] = Asset{name, mediaType, `"` + hex.EncodeToString(sum[:9]) + `"`, body, zipped}
		all.Write(append(sum[:], name...))
		return nil
	})
	if err != nil {
		panic(err)
	}
	return shelf{files, hex.EncodeToString(all.Sum(nil)[:6])}
})

// remarks are the lines of a script that are comments and nothing else. Who reads them
// reads the source; a tablet on a slow network need not load them.
var remarks = regexp.MustCompile(`(?m)^[ \t]*(?://.*|/\*\*(?s:.*?)\*/)[ \t]*\n`)

func zip(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(body)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // buffers take everything
	}
	return b.Bytes()
}
