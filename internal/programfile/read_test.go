package programfile

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestRead(t *testing.T) {
	const text = "\ufeff# two programs\r\nkey: a\r\nearn: {by: units, per_scan: 5}\r\n---\n# none\n---\nkey: b\nrewards:\n  - key: c\n    name: 'x'\n...\n"
	documents, err := Read("p.yaml", []byte(text))
	if err != nil || len(documents) != 2 {
		t.Fatalf("got %d documents, %v", len(documents), err)
	}
	want := map[string]any{"key": "a", "earn": map[string]any{"by": "units", "per_scan": jsontext.Value("5")}}
	if got := documents[0].Fields; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for field, want := range map[string]string{
		"rewards[0].name":    "p.yaml:10:5: rewards[0].name is wrong",
		"rewards[0].cost":    "p.yaml:9:5: rewards[0].cost is wrong",
		"rewards[3].name":    "p.yaml:8:1: rewards[3].name is wrong",
		"earn.by":            "p.yaml:7:1: earn.by is wrong",
		"":                   "p.yaml:7:1: is wrong",
		"rewards[0].name[x]": "p.yaml:10:5: rewards[0].name[x] is wrong",
	} {
		if got := documents[1].Wrong(field, "is wrong").Error(); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
}

// Readers of YAML 1.1 and 1.2 take many a word for different things.
func TestScalars(t *testing.T) {
	number := func(text string) any { return jsontext.Value(text) }
	for text, want := range map[string]any{
		"no": "no", "yes": "yes", "on": "on", "off": "off", "y": "y", "NO": "NO", "Norway": "Norway",
		"true": true, "True": true, "FALSE": false, "tRue": "tRue", "'true'": "true",
		"8": number("8"), "+8": number("8"), "-8": number("-8"), "0": number("0"), "1.5": number("1.5"), "1e3": number("1e3"),
		"'08'": "08", `"8"`: "8", "8 euro": "8 euro", "1.2.3": "1.2.3", "5.": "5.", ".5": ".5", ".inf": ".inf", ".NaN": ".NaN", "0.5": number("0.5"),
		"2026-11-01": "2026-11-01", "2026-11-01T00:00:00Z": "2026-11-01T00:00:00Z", "12:30 o'clock": "12:30 o'clock",
		"'null'": "null", `"~"`: "~", `""`: "", "|\n  two\n  lines\n": "two\nlines\n", "=": "=",
	} {
		documents, err := Read("p.yaml", []byte("name: "+text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := documents[0].Fields["name"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", text, got, want)
		}
	}
}

// told is all that is wrong with a file.
func told(documents []*Document, err error) error {
	all := []error{err}
	for _, d := range documents {
		all = append(all, d.Told(d.Unread))
	}
	return errors.Join(all...)
}

// What cannot be read is left out, and everything else is read.
func TestReadGoesOn(t *testing.T) {
	const text = "key: &a a\nname: x\nwelcome: 010\nrewards:\n  - !!map {}\n  - key: b\nname: y\n"
	documents, err := Read("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"name": "x", "rewards": []any{nil, map[string]any{"key": "b"}}}
	if got := documents[0].Fields; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	got := told(documents, nil).Error()
	for i, want := range []string{"p.yaml:1:1: key has an anchor", "p.yaml:3:1: welcome is 010", "p.yaml:5:5: rewards[0] has the tag", "p.yaml:7:1: name stands twice"} {
		if line := strings.Split(got, "\n")[i]; !strings.HasPrefix(line, want) {
			t.Errorf("got %q, want %q", line, want)
		}
	}
}

func TestNoMoreMistakesThanAnybodyMends(t *testing.T) {
	got := told(Read("p.yaml", []byte("a: ["+strings.Repeat("010, ", 200)+"]\n"))).Error()
	if lines := strings.Split(got, "\n"); len(lines) != MaxMistakes+1 || lines[MaxMistakes] != "p.yaml: has more than 50 mistakes: mend these first" {
		t.Errorf("got %d lines:\n%s", len(lines), got)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "p.yaml: has no program in it"},
		{"# nothing\n---\n", "p.yaml: has no program in it"},
		{"- key: a\n", "p.yaml:1:1: the program must be written as fields"},
		{"hello\n", "p.yaml:1:1: the program must be written as fields"},
		{"key: a\nname: [\n", "is not YAML: "},
		{"key: a\n\tname: b\n", "p.yaml:2: is not YAML: "},
		{"key: \xff\n", "is not YAML: "},
		{"key: a\nkey: b\n", "p.yaml:2:1: key stands twice: it is in line 1, too"},
		{"earn:\n  by: a\n  'by': b\n", "p.yaml:3:3: earn.by stands twice: it is in line 2, too"},
		{"key:\nname: b\n", "p.yaml:1:1: key has no value: leave it out"},
		{"key: a\nwelcome: 08\n", "p.yaml:2:1: welcome is 08, which some read as another number"},
		{"welcome: 010\n", "is 010, which some read"},
		{"welcome: -010\n", "is -010, which some read"},
		{"welcome: 0x1F\n", "is 0x1F, which some read"},
		{"welcome: 0o17\n", "is 0o17, which some read"},
		{"welcome: 1_000\n", "is 1_000, which some read"},
		{"welcome: 1:30\n", "is 1:30, which some read"},
		{"key: !!str 8\n", "p.yaml:1:1: key has the tag !!str"},
		{"key: !!binary aGk=\n", "has the tag !!binary"},
		{"key: !ruby/object:x {}\n", "has the tag !ruby/object:x"},
		{"earn: &a\n  by: units\nother: *a\n", "p.yaml:1:1: earn has an anchor (&) or an alias (*)"},
		{"a: &a x\n<<: *a\n", "has an anchor"},
		{"? {a: b}\n: c\n", "p.yaml:1:3: has a field whose name is no plain text"},
		{"? [a]\n: c\n", "has a field whose name is no plain text"},
		{"a: " + strings.Repeat("[", 30) + strings.Repeat("]", 30), "lies more than 20 levels deep"},
		{strings.Repeat("key: a\n---\n", MaxDocuments+1), fmt.Sprintf("has more than %d programs", MaxDocuments)},
		{strings.Repeat("#", MaxSize+1), "p.yaml: is larger than 1048576 bytes"},
	} {
		err := told(Read("p.yaml", []byte(tt.text)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: got %v, want %q", tt.text, err, tt.want)
		}
	}
}

// Nested aliases make billions of values out of a few lines for who follows them.
func TestBillionLaughs(t *testing.T) {
	var text strings.Builder
	text.WriteString("a0: &a0 [lol, lol]\n")
	for i := range 40 {
		fmt.Fprintf(&text, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	if err := told(Read("p.yaml", []byte(text.String()))); err == nil || !strings.Contains(err.Error(), "anchor") {
		t.Errorf("got %v", err)
	}
}

// Whatever comes in, it is read or refused with the file's name; what is read can
// be written, and is then read as it was.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"key: a\nname: no\nrewards:\n  - {key: b, cost: 5, limited: true}\n---\nkey: c\n",
		"a: &a [*a]\n", "? [a]\n: b\n", "a: |\n  two\n  lines\n\n", "a: \"\\u263a\\x01 \"\n", "{a: b, 'c': [1, 2.5, -3e4]}", "a: ' x'\n\"\": ''\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		documents, err := Read("p.yaml", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p.yaml") {
				t.Errorf("%v does not say which file", err)
			}
			return
		}
		for _, document := range documents {
			if told := document.Told(document.Unread); told != nil {
				if !strings.HasPrefix(told.Error(), "p.yaml:") {
					t.Errorf("%v does not say where", told)
				}
				continue
			}
			written := Write(document.Fields)
			again, err := Read("p.yaml", written)
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0].Fields, document.Fields) {
				t.Errorf("%#v was written as\n%s\nand read as %#v, %v", document.Fields, written, again, err)
			}
			if changes := Diff(document.Fields, document.Fields); len(changes) != 0 {
				t.Errorf("differs from itself by %v", changes)
			}
		}
	})
}
