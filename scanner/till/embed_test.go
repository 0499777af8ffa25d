package till

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// shellLimit is what a tablet may have to load before the till is usable, in bytes
// of gzip at its usual level, without what decodes codes where the browser cannot.
const shellLimit = 150_000

func TestShellIsSmall(t *testing.T) {
	t.Parallel()
	shell, decoder := 0, 0
	for _, name := range Names() {
		a, _ := Open(name)
		if strings.HasPrefix(name, "zxing/") {
			decoder += len(a.Body)
			continue
		}
		shell += len(a.Body)
	}
	t.Logf("shell %d bytes, decoder %d bytes", shell, decoder)
	if shell > shellLimit {
		t.Errorf("the shell is %d bytes compressed, more than %d", shell, shellLimit)
	}
}

// Scripts lose their remarks and nothing else.
func TestScriptsWithoutRemarks(t *testing.T) {
	t.Parallel()
	script := "// A card.\n/** Says\n * so. */\nexport const a = \"// no\"; // why\n  // inside\n  b(); /* here */\n/** One. */\nconst c = 1;\n"
	const want = "export const a = \"// no\"; // why\n  b(); /* here */\nconst c = 1;\n"
	if got := string(remarks.ReplaceAll([]byte(script), nil)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, name := range Names() {
		a, _ := Open(name)
		if path.Ext(name) == ".js" && !strings.HasPrefix(name, "zxing/") && remarks.Match(a.Plain()) {
			t.Errorf("%s has remarks", name)
		}
	}
	source, err := assets.ReadFile("assets/card.js")
	if a, _ := Open("card.js"); err != nil || !remarks.Match(source) || !bytes.Contains(a.Plain(), []byte("export function cardScreen(")) {
		t.Errorf("card.js is not as it should be, %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for name, mediaType := range map[string]string{
		"read/camera.js":          "text/javascript; charset=utf-8",
		"zxing/zxing_reader.wasm": "application/wasm",
		"zxing/LICENSE":           "text/plain; charset=utf-8",
		"zxing/LICENSE-APACHE":    "text/plain; charset=utf-8",
	} {
		a, ok := Open(name)
		if !ok || a.Name != name || a.Type != mediaType || len(a.Body) == 0 || !regexp.MustCompile(`^"[0-9a-f]{18}"$`).MatchString(a.ETag) {
			t.Errorf("%s: %v %q %q, %d bytes", name, ok, a.Type, a.ETag, len(a.Body))
		}
	}
	if a, _ := Open("zxing/zxing_reader.wasm"); !a.Zipped || !bytes.HasPrefix(a.Plain(), []byte("\x00asm")) {
		t.Errorf("the decoder is not what it is called: %x", a.Plain()[:4])
	}
	if a, _ := Open("icon-192.png"); a.Zipped || !bytes.HasPrefix(a.Plain(), []byte("\x89PNG")) {
		t.Errorf("the icon is not what it is called: %x", a.Plain()[:4])
	}
	for _, name := range []string{"", "read", "zxing/zxing_reader.wasm.gz", "read/", "/read/camera.js", "assets/read/camera.js", "../embed.go", "read/../read/camera.js"} {
		if _, ok := Open(name); ok {
			t.Errorf("%q was opened", name)
		}
	}
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(Version()) {
		t.Errorf("version %q", Version())
	}
}

// Modules name one another by their places: a wrong one shows only in the browser
// that needs it.
func TestModulesFindEachOther(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?:from |import\(|new URL\()"(\.\.?/[^"]+)"`)
	for _, name := range Names() {
		a, _ := Open(name)
		if path.Ext(name) != ".js" {
			continue
		}
		for _, found := range named.FindAllSubmatch(a.Plain(), -1) {
			other := path.Join(path.Dir(name), string(found[1]))
			if _, ok := Open(other); !ok {
				t.Errorf("%s names %s, which is not there", name, other)
			}
		}
	}
}

// The browser's tests serve the readers under the same policy as the till's page.
func TestReadersAreTestedUnderThePolicy(t *testing.T) {
	t.Parallel()
	site, err := os.ReadFile("readtest/site.js")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(site, []byte(`"`+Policy+`"`)) {
		t.Errorf("readtest/site.js has another policy than\n%s", Policy)
	}
}
