package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/engines/enginetest"
	"stempel/internal/templates"
)

// demo runs the demo in a folder until the test ends, and returns its guide.
func demo(t *testing.T, folder string) (guide string) {
	t.Helper()
	p := launch(t, nil, "demo", "--data", folder, "--listen", "127.0.0.1:0")
	eventually(t, "the guide is printed", func() bool {
		guide = read(t, p.out)
		return strings.HasSuffix(guide, "Stop with Ctrl-C.\n")
	})
	t.Cleanup(func() { p.stop(t) })
	return guide
}

// Scripts of other people rely on these names.
func TestDemoNotesHaveTheFixedFields(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	demo(t, folder)
	var notes map[string]any
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, "demo.json"))), &notes); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"api_key", "base_url", "card_page", "cards", "cashier_pin", "counter_tap", "manager_pin", "merchant", "partners", "pass", "programs", "rewards", "till_link", "till_token",
	}
	if got := slices.Sorted(maps.Keys(notes)); !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
	partners, _ := notes["partners"].(map[string]any)
	partner, _ := partners["coalition"].(map[string]any)
	if got, want := slices.Sorted(maps.Keys(partner)), []string{"admin_key", "id", "name", "pin", "till"}; !slices.Equal(got, want) {
		t.Errorf("the partner's fields are %v, want %v: none as one of the demo's, which scripts pick by name", got, want)
	}
	for field, prefix := range map[string]string{"programs": "program_", "rewards": "reward_", "cards": "card_"} {
		ids, _ := notes[field].(map[string]any)
		names := templates.Names()
		if field == "rewards" { // a discount has none
			names = slices.DeleteFunc(names, func(name string) bool { return name == "restaurant" || name == "employees" })
		}
		if got, want := slices.Sorted(maps.Keys(ids)), slices.Sorted(slices.Values(names)); !slices.Equal(got, want) {
			t.Errorf("%s are of %v, want %v", field, got, want)
		}
		for name, id := range ids {
			if id, ok := id.(string); !ok || !strings.HasPrefix(id, prefix) {
				t.Errorf("%s of %s: %v, want %s…", field, name, id, prefix)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(folder, "demo.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json is readable by others: %v (%v)", info.Mode(), err)
	}
}

// Whoever reads the guide clicks its links: the card's page, and the pass.
func TestDemoShowsLinksThatOpen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	guide := demo(t, folder)
	notes, err := readNotes(filepath.Join(folder, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	for link, kind := range map[string]string{notes.CardPage: "text/html", notes.Pass: "application/vnd.apple.pkpass"} {
		if !strings.Contains(guide, link) {
			t.Errorf("%s is not in the guide", link)
		}
		answer, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(got, kind) {
			t.Errorf("%s: %d %s, want %s", link, answer.StatusCode, got, kind)
		}
	}
}

// A demo behind a public address sends browsers there, and itself goes the short way.
func TestDemoBehindAPublicAddress(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("STEMPEL_PUBLIC_URL", "https://demo.example.com/")
	guide := demo(t, folder)
	notes, err := readNotes(filepath.Join(folder, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	const public = "https://demo.example.com/"
	if !strings.HasPrefix(notes.CardPage, public+"card/device_") || !strings.HasPrefix(notes.Pass, public+"v1/cards/card_") ||
		!strings.HasPrefix(notes.TillLink, public+"till#") || !strings.Contains(guide, public+"join/program_") || !strings.HasPrefix(notes.BaseURL, "http://127.0.0.1:") {
		t.Errorf("%+v\n%s", notes, guide)
	}
}

func TestDemoReusesItsFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var runs []*demoNotes
	for range 2 {
		demo(t, folder)
		notes, err := readNotes(filepath.Join(folder, "demo.json"))
		if err != nil {
			t.Fatal(err)
		}
		shop{notes.BaseURL, notes}.visit(t) // whose cards are used up for the next
		if notes, err = readNotes(filepath.Join(folder, "demo.json")); err != nil {
			t.Fatal(err)
		}
		for name, card := range notes.Cards {
			if name != "cafe" && (shop{notes.BaseURL, notes}).balance(t, card) != 0 {
				t.Errorf("the card of %s is not fresh", name)
			}
		}
		runs = append(runs, notes)
	}
	first, second := runs[0], runs[1]
	if first.APIKey != second.APIKey || first.TillToken != second.TillToken || first.ManagerPIN != second.ManagerPIN ||
		!maps.Equal(first.Programs, second.Programs) || !maps.Equal(first.Rewards, second.Rewards) {
		t.Errorf("another shop:\n%+v\n%+v", first, second)
	}
	for name, card := range first.Cards {
		if second.Cards[name] == card {
			t.Errorf("the card of %s is an old one", name)
		}
	}
}

// The QR code in the terminal is read as a camera would, and used.
func TestDemoShowsACodeThatScans(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	guide := demo(t, folder)
	text := enginetest.ReadQR(t, photograph(t, guide))
	notes, err := readNotes(filepath.Join(folder, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	h := shop{notes.BaseURL, notes}
	if got := h.stamp(t, text); got.status != http.StatusOK {
		t.Errorf("%q: %d %s", text, got.status, got.body)
	}
	if got := h.balance(t, notes.Cards["ice-cream"]); got != 1 {
		t.Errorf("balance %d of the card that the guide tells of, want 1", got)
	}
}

// colours are the terminal's codes around each line of the QR code: the light
// modules are drawn, in a bright foreground, on a dark background.
var colours = regexp.MustCompile(`(?m)^\x1b\[38;5;231;48;5;16m([█▀▄ ]+)\x1b\[0m$`)

// photograph draws what the terminal shows: half blocks, two modules a character.
func photograph(t *testing.T, guide string) []byte {
	t.Helper()
	const side = 6 // pixels of a module
	lines := colours.FindAllStringSubmatch(guide, -1)
	if len(lines) == 0 {
		t.Fatalf("no code in %s", guide)
	}
	width := len([]rune(lines[0][1]))
	screen := image.NewGray(image.Rect(0, 0, width*side, 2*len(lines)*side))
	for y, line := range lines {
		for x, character := range []rune(line[1]) {
			for dy := range 2 * side {
				light := character == '█' || character == '▀' && dy < side || character == '▄' && dy >= side
				for dx := range side {
					if light {
						screen.SetGray(x*side+dx, 2*y*side+dy, color.Gray{255})
					}
				}
			}
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, screen); err != nil {
		t.Fatal(err)
	}
	return picture.Bytes()
}

// A first start that is killed at any moment can be made again in its folder.
func TestDemoIsKilledWhileItBegins(t *testing.T) {
	t.Parallel()
	start := func(folder string) *process {
		return launch(t, nil, "demo", "--data", folder, "--listen", "127.0.0.1:0")
	}
	whole := t.TempDir()
	before := time.Now()
	first := start(whole)
	eventually(t, "the guide is printed", func() bool { return strings.Contains(read(t, first.out), "Ctrl-C") })
	took := time.Since(before)
	first.stop(t)

	const moments = 8
	for i := range time.Duration(moments) {
		folder := t.TempDir()
		p := start(folder)
		time.Sleep(took * i / moments)
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // was killed
		demo(t, folder)
	}

	// Between its cards and its demo.json, which no clock hits.
	notes := filepath.Join(whole, "demo.json")
	kept := read(t, notes)
	if err := os.Rename(notes, notes+".begun"); err != nil {
		t.Fatal(err)
	}
	demo(t, whole)
	var was, is demoNotes
	if err := errors.Join(json.Unmarshal([]byte(kept), &was), json.Unmarshal([]byte(read(t, notes)), &is)); err != nil || is.Merchant != was.Merchant {
		t.Errorf("merchant %s became %s (%v)", was.Merchant, is.Merchant, err)
	}
	if _, err := os.Stat(notes + ".begun"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what begins stays: %v", err)
	}
}
