package roster_test

import (
	"errors"
	"strings"
	"testing"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
	"stempel/internal/roster"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want string // values, with a space between them
	}{
		"one column":        {"Anna@Harbour.example\nA-17\n", "anna@harbour.example A-17"},
		"as Excel saves it": {"\xef\xbb\xbfName;Staff number\r\nAnna;a-17\r\n\r\nBen;B-4\r\n", "A-17 B-4"},
		"tabs":              {"e-mail\tname\nanna@harbour.example\tAnna\n", "anna@harbour.example"},
		"quoted":            {"name,email\n\"Kowalska, Anna\",anna@harbour.example\n", "anna@harbour.example"},
		"repeated":          {"A-17\na-17\n", "A-17 A-17"},
		"no line's end":     {"A-17", "A-17"},
		"both as numbers":   {"staff_number\nA-17\nanna@harbour.example\n", "A-17 anna@harbour.example"},
	} {
		who, err := roster.Read([]byte(tt.text))
		var got []string
		for _, id := range who {
			got = append(got, id.Value)
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A bad line is told by its number, and nothing is read of its file.
func TestBadLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"empty":             {"", "line 1 names nobody, nor does any other"},
		"only headings":     {"email;name\n", "line 1 names nobody, nor does any other"},
		"a formula":         {"A-17\n=HYPERLINK(\"x\")\n", "line 2 is neither an e-mail address nor a staff number"},
		"no address":        {"email\nanna@harbour.example\nben@\n", "line 3 is neither an e-mail address nor a staff number"},
		"a number there":    {"E-mail;name\nanna@harbour.example;Anna\n\nnot an address;Ben\n", "line 4 is no e-mail address, which this column is of"},
		"nothing in it":     {"name;email\nAnna;\n", "line 2 has nothing in its column 2"},
		"short line":        {"name;email\nAnna\n", "line 2 has nothing in its column 2"},
		"not UTF-8":         {"A-17\nM\xfcller\n", "line 2 is not UTF-8: save the file as CSV UTF-8"},
		"long":              {strings.Repeat("1", 301) + "\n", "line 1 is too long"},
		"more than it says": {strings.Repeat("=1\n", 12), "; and 2 more"},
	} {
		who, err := roster.Read([]byte(tt.text))
		var bad *roster.Bad
		if len(who) != 0 || !errors.As(err, &bad) || !strings.HasSuffix(bad.Error(), tt.want) {
			t.Errorf("%s: %v, %v", name, who, err)
		}
	}
	if _, err := roster.Read([]byte(strings.Repeat("1\n", loyalty.MaxRosterSize+1))); err == nil || !strings.HasPrefix(err.Error(), "line 100001 is beyond") {
		t.Errorf("a line too many: %v", err)
	}
}

// FuzzRead holds that whatever a company sends is refused with its lines, or read as
// people who would be read again as the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"\xef\xbb\xbfemail;x\r\na@b.example;1\r\n", "A-17\n\"B\n", "=1,2\n", "a\tb\n\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		who, err := roster.Read(text)
		var bad *roster.Bad
		if err != nil && (!errors.As(err, &bad) || len(bad.Lines) == 0 || len(who) > 0) {
			t.Fatalf("%q: %v, %v", text, who, err)
		}
		for _, l := range func() []roster.BadLine {
			if bad == nil {
				return nil
			}
			return bad.Lines
		}() {
			if l.Number < 1 || l.Problem == "" {
				t.Errorf("%q: line %d %q", text, l.Number, l.Problem)
			}
		}
		for _, id := range who {
			if again, err := personal.ParseWorkID(id.Value); err != nil || again != id {
				t.Errorf("%q: %+v is read again as %+v, %v", text, id, again, err)
			}
		}
	})
}
