package giftcodes_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"stempel/internal/giftcodes"
)

var (
	now = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)
	day = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC) // when 2027-12-31 is over
)

func TestRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file    string
		rows    []giftcodes.Row
		repeats []giftcodes.Repeat
	}{
		"a code a line":            {"AB-1\nAB-2", []giftcodes.Row{{Line: 1, Text: "AB-1"}, {Line: 2, Text: "AB-2"}}, nil},
		"as Excel writes it":       {"\ufeffCode;Expires\r\nAB-1;2027-12-31\r\n\r\nAB-2;\r\n", []giftcodes.Row{{2, "AB-1", day}, {Line: 4, Text: "AB-2"}}, nil},
		"columns the other way":    {"expires,code\n2027-12-31,AB-1\n", []giftcodes.Row{{2, "AB-1", day}}, nil},
		"quotes":                   {`"AB ""1"", new" , "2027-12-31"` + "\n", []giftcodes.Row{{1, `AB "1", new`, day}}, nil},
		"tabs":                     {"AB-1\t2027-12-31\n", []giftcodes.Row{{1, "AB-1", day}}, nil},
		"a moment":                 {"AB-1,2027-12-31T18:00:00+01:00", []giftcodes.Row{{1, "AB-1", time.Date(2027, 12, 31, 17, 0, 0, 0, time.UTC)}}, nil},
		"the first without an end": {"AB-1\nAB-2,2027-12-31", []giftcodes.Row{{Line: 1, Text: "AB-1"}, {2, "AB-2", day}}, nil},
		"empty columns behind":     {"AB-1;;;\n;;;\n", []giftcodes.Row{{Line: 1, Text: "AB-1"}}, nil},
		"one twice":                {"kod\nAB-1\nAB-2\n AB-1\n", []giftcodes.Row{{Line: 2, Text: "AB-1"}, {Line: 3, Text: "AB-2"}}, []giftcodes.Repeat{{4, 2}}},
		"not only ASCII":           {"Zażółć-1", []giftcodes.Row{{Line: 1, Text: "Zażółć-1"}}, nil},
	} {
		rows, repeats, err := giftcodes.Read([]byte(test.file), now)
		if err != nil || !reflect.DeepEqual(rows, test.rows) || !reflect.DeepEqual(repeats, test.repeats) {
			t.Errorf("%s: %+v, %+v, %v", name, rows, repeats, err)
		}
	}
}

// Every flaw names its place, and nothing of the file is taken.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                                 "The file has no code in it.",
		"code\n\n":                         "The file has no code in it.",
		"\xff\xfeA\x00":                    "The file is UTF-16: save it as CSV in UTF-8.",
		"AB-1\nAB\xff\n":                   "Line 2 is not UTF-8: save the file as CSV in UTF-8.",
		"AB-1\n=1+1\n":                     "Line 2, column 1 begins with =: a spreadsheet would run it as a formula.",
		"AB-1\n\"+1\"\n":                   "Line 2, column 1 begins with +: a spreadsheet would run it as a formula.",
		"-1":                               "Line 1, column 1 begins with -: a spreadsheet would run it as a formula.",
		"@SUM(A1)":                         "Line 1, column 1 begins with @: a spreadsheet would run it as a formula.",
		"\"\t=1\"":                         "Line 1, column 1 has a character that cannot be seen, such as a tab.",
		"AB\x00":                           "Line 1, column 1 has a character that cannot be seen, such as a tab.",
		"AB\u200b1":                        "Line 1, column 1 has a character that cannot be seen, such as a tab.",
		"AB\rCD":                           "Line 1, column 1 has a character that cannot be seen, such as a tab.",
		"\" AB\"":                          "Line 1, column 1 begins or ends with a space within its quotes.",
		strings.Repeat("A", 201):           "Line 1, column 1 has more than 200 characters.",
		"A;2027-12-31\n;2027-12-31":        "Line 2, column 1 has no code.",
		"A;31.12.2027":                     "Line 1, column 2 is neither a day, as in 2027-12-31, nor a moment, as in 2027-12-31T18:00:00+01:00.",
		"A;2026-03-01":                     "Line 1, column 2 is over: the code could never be handed out.",
		"A;2027-12-31;5 EUR":               "Line 1, column 3 is one too many: a line has a code and until when it is good.",
		"code;value\nA;5":                  "Line 1, column 2 names a column that is neither code nor expires, or is there twice.",
		"\"AB":                             "Line 1, column 1 begins with a quote that is not closed on its line.",
		"\"AB\"C":                          "Line 1, column 1 goes on behind its closing quote.",
		strings.Repeat("A\n", 5<<20) + "B": "The file is larger than 10 MB: split it.",
	} {
		rows, repeats, err := giftcodes.Read([]byte(file), now)
		var flaw *giftcodes.Flaw
		if !errors.As(err, &flaw) || flaw.Error() != want || rows != nil || repeats != nil {
			t.Errorf("%.40q: %v, want %s", file, err, want)
		}
	}
}

func TestReadCountsCodes(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range giftcodes.MaxRows + 1 {
		fmt.Fprintf(&file, "CODE-%07d\n", i)
	}
	if _, _, err := giftcodes.Read([]byte(file.String()), now); err == nil || err.Error() != "The file has more than 200000 codes: split it." {
		t.Error(err)
	}
}

// Whatever comes, what is taken can be shown and stands in the file, once; and a
// flaw is a sentence.
func FuzzRead(f *testing.F) {
	for _, file := range []string{"AB-1\nAB-2", "\ufeffcode;expires\r\nA;2027-12-31\r\n", `"a ""b""",` + "\n", "=1\n", "\xff\xfe", "a,b,c", "expires\n"} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, repeats, err := giftcodes.Read(file, now)
		if err != nil {
			if text := err.Error(); len(rows) > 0 || len(text) > 300 || text[len(text)-1] != '.' {
				t.Errorf("%d rows, %q", len(rows), text)
			}
			return
		}
		seen := map[string]bool{}
		last := 0
		for _, row := range rows {
			if seen[row.Text] || row.Text == "" || strings.ContainsAny(row.Text[:1], "=+-@") || strings.ContainsAny(row.Text, "\r\n\t\x00") || row.Line <= last {
				t.Errorf("%+v", row)
			}
			if !row.Expires.IsZero() && !row.Expires.After(now) {
				t.Errorf("%+v is over", row)
			}
			seen[row.Text], last = true, row.Line
		}
		for _, r := range repeats {
			if r.First >= r.Line {
				t.Errorf("%+v", r)
			}
		}
	})
}
