package moving_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/moving"
)

// told remembers a report.
type told []moving.Line

func (t *told) Line(l moving.Line) error { *t = append(*t, l); return nil }

// lines is a report, line by line: number, ref, result, field.
func (t told) lines() string {
	var all []string
	for _, l := range t {
		all = append(all, fmt.Sprint(l.Number, " ", l.Ref, " ", l.Result, " ", l.Field))
	}
	return strings.Join(all, "\n")
}

func run(t testing.TB, s *shelf, file string, change ...func(*moving.Import)) (told, moving.Totals, error) {
	t.Helper()
	var report told
	work := newImport(t, s, &report)
	for _, c := range change {
		c(&work)
	}
	totals, err := work.Run(t.Context(), strings.NewReader(file))
	return report, totals, err
}

func newImport(t testing.TB, s moving.Store, to moving.Report) moving.Import {
	t.Helper()
	return moving.Import{
		Merchant: loyaltytest.Merchant, Program: loyaltytest.Program(t), Box: box(), Store: s, Report: to,
		Now: func() time.Time { return loyaltytest.Now },
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	const long = "0123456789"
	for _, tt := range []struct{ name, file, want string }{
		{"plain", "ref,balance\na,3\nb,0\nc,\n", "2 a stored \n3 b stored \n4 c stored "},
		{"only refs", "ref\na\n", "2 a stored "},
		{"any order", "balance,ref\n3,a\n", "2 a stored "},
		{"names in capitals", "Ref,BALANCE\na,3\n", "2 a stored "},
		{"a byte order mark", "\ufeffref,balance\na,3\n", "2 a stored "},
		{"semicolons", "ref;balance\na;3\n", "2 a stored "},
		{"semicolons and quotes", "\"ref\";\"balance\"\n\"a;b\";\"3\"\n", "2 a;b stored "},
		{"tabs", "ref\tbalance\na\t3\n", "2 a stored "},
		{"Windows line ends", "ref,balance\r\na,3\r\nb,4\r\n", "2 a stored \n3 b stored "},
		{"empty lines", "ref,balance\n\na,3\n\n\nb,4\n\n", "3 a stored \n6 b stored "},
		{"spaces around", "ref , balance\n a , 3 \n", "2 a stored "},
		{"line breaks in quotes", "ref,balance,phone,consent,consented_at,wording\na,3,+4915711111111,news,2024-05-31,\"I want, \"\"now\"\",\nnews\n\"\nb,4,,,,\n", "2 a stored \n5 b stored "},
		{"a line break in quotes", "ref,balance\n\"a\nb\",3\nc,4\n", "2  refused line\n3  refused line\n4 c stored "},
		{"twice", "ref,balance\na,3\na,5\n", "2 a stored \n3 a there "},
		{"a file without an end of line", "ref,balance\na,3", "2 a stored "},
		{"torn in a field", "ref,balance\na,3\nb", "2 a stored \n3  refused line"},
		{"torn in quotes", "ref,balance\na,3\n\"b,4", "2 a stored \n3  refused line"},
		{"too few fields", "ref,balance\na\nb,4\n", "2  refused line\n3 b stored "},
		{"too many fields", "ref,balance\na,3,5\nb,4\n", "2  refused line\n3 b stored "},
		{"a quote that never closes", "ref,balance\na,3\n\"b,4\n" + strings.Repeat("c,5\n", 1<<15) + "d,6\n", ""},
		{"a quote in the middle", "ref,balance\na\"b\"c,3\nd,4\n", "2  refused line\n3 d stored "},
		{"a long line", "ref,balance\n" + strings.Repeat(long, 20_000) + ",3\nb,4\n", "2  refused line\n3 b stored "},
		{"Latin-1", "ref,balance\nM\xfcller,3\nb,4\n", "2  refused line\n3 b stored "},
		{"a zero byte", "ref,balance\na\x00,3\nb,4\n", "2  refused line\n3 b stored "},
		{"no ref", "ref,balance\n,3\n", "2  refused ref"},
		{"a long ref", "ref,balance\n" + strings.Repeat(long, 11) + ",3\n", "2  refused ref"},
		{"a formula", "ref,balance\n=HYPERLINK(),3\n+1,3\n@x,3\n-1,3\n", "2  refused ref\n3  refused ref\n4  refused ref\n5  refused ref"},
		{"a rounded number", "ref,balance\n4.00638E+12,3\n\"4,00638e+12\",3\nE+1,3\n", "2  refused ref\n3  refused ref\n4 E+1 stored "},
		{
			"balances", "ref,balance\na,-1\nb,1.5\nc,\"1,000\"\nd,x\ne,99999999999999999999\nf,9007199254740992\ng,+1\nh,٣\n",
			"2 a refused balance\n3 b refused balance\n4 c refused balance\n5 d refused balance\n6 e refused balance\n7 f refused balance\n8 g refused balance\n9 h refused balance",
		},
		{"more than a stamp card should ever hold", "ref,balance\na,100000\n", "2 a refused balance"},
		{
			"since", "ref,since\na,2024-05-31\nb,2024-05-31T10:00:00+02:00\nc,\nd,31.05.2024\ne,0001-01-01\nf,2024-02-30\ng,2099-01-01\nh,2099-01-01T00:00:00Z\ni," + loyaltytest.Now.Format(time.DateOnly) + "\n",
			"2 a stored \n3 b stored \n4 c stored \n5 d refused since\n6 e refused since\n7 f refused since\n8 g refused since\n9 h refused since\n10 i stored ",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := empty()
			report, totals, err := run(t, s, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if got := report.lines(); tt.want != "" && got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if torn := !strings.HasSuffix(tt.file, "\n"); torn != (totals.Torn > 0) || torn && totals.Torn != report[len(report)-1].Number {
				t.Errorf("torn: %+v", totals)
			}
			if totals.Lines != len(report) || totals.Stored+totals.There+totals.Refused != totals.Lines || totals.Stored != len(s.cards) {
				t.Errorf("%+v of %d lines, and %d cards", totals, len(report), len(s.cards))
			}
			for _, l := range report {
				if (l.Result == moving.Refused) != (l.Field != "" && l.Detail != "") || len(l.Detail) > 200 {
					t.Errorf("line %d: %+v", l.Number, l)
				}
			}
		})
	}
}

// A quote too many, or one that is never closed, spoils its line, and every other
// line is stored: none is passed over in silence.
func TestStrayQuotes(t *testing.T) {
	t.Parallel()
	const lines = 9000 // more than one record can enclose
	for name, stray := range map[string][]string{
		"an inch mark":           {`Subs 6" Ltd,3`},
		"inch marks":             {`6",3`, `x 6",3`, `5" x 6",3`, `7",`},
		"opened and not closed":  {`"b,3`},
		"opened in a later one":  {`b,"3`},
		"opened again and again": {`"b,3`, `"b,3`, `"b,3`},
		"closed in a word":       {`"b,3`, `c"c,3`},
		"closed as the last":     {`"b,3`, `6",3`, `b,"3`},
		"two that mean one":      {`"b"",3`},
		"an empty field before":  {`"","b`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var file strings.Builder
			file.WriteString("ref,balance\n")
			isStray := map[int]bool{}
			for n := 2; n <= lines; n++ {
				if n%4000 < len(stray)*7 && n%7 == 0 {
					isStray[n] = true
					fmt.Fprintln(&file, stray[n/7%len(stray)])
					continue
				}
				fmt.Fprintf(&file, "card %d,5\n", n)
			}
			report, totals, err := run(t, empty(), file.String())
			if err != nil || len(report) != lines-1 || totals.Refused != len(isStray) {
				t.Fatalf("%d lines of %d, %+v instead of %d refused, %v", len(report), lines-1, totals, len(isStray), err)
			}
			for i, l := range report {
				if l.Number != i+2 || (l.Result == moving.Refused) != isStray[l.Number] {
					t.Fatalf("line %d is reported as %+v", i+2, l)
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"empty":             "",
		"only empty lines":  "\n\n",
		"UTF-16":            "\xff\xfer\x00e\x00f\x00",
		"UTF-16 the other":  "\xfe\xff\x00r",
		"no header":         "a,3\nb,4\n",
		"no ref":            "balance\n3\n",
		"nobody":            "name,language\nAnna,de\n",
		"an unknown column": "ref,points\na,3\n",
		"a column twice":    "ref,balance,ref\na,3,b\n",
		"too many columns":  "ref" + strings.Repeat(",balance", 200) + "\n",
		"an open quote":     "\"ref,balance\na,3\n",
		"not text":          "\x7fELF\x00\x01\n",
		"a long line":       strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := empty()
			if report, totals, err := run(t, s, file); err == nil || len(report)+len(s.cards) > 0 || totals != (moving.Totals{}) {
				t.Errorf("%v, %+v, %v", report, totals, err)
			} else if len(err.Error()) > 300 {
				t.Errorf("a long message: %v", err)
			}
		})
	}
}

func TestWhatIsMovedIn(t *testing.T) {
	t.Parallel()
	s := empty()
	report, _, err := run(t, s, "ref,balance,since\n4711,13,2024-05-31\n")
	if err != nil {
		t.Fatal(err)
	}
	d := s.cards[report[0].Card]
	if d.Card.Balance != 3 || d.Card.Lifetime != 13 || len(d.Issued) != 1 || d.Entries[0].Kind != loyalty.Opening ||
		!d.Card.Created.Equal(time.Date(2024, 5, 31, 0, 0, 0, 0, time.UTC)) || d.Entries[0].Posted != loyaltytest.Now {
		t.Errorf("%+v", d)
	}
}

// A card that stands in two lines with different balances has the first, and the
// second is told which: in one batch, a later one, or another file.
func TestDifferentBalances(t *testing.T) {
	t.Parallel()
	const head, first, second = "ref,balance\n", "T1,5\nT2,3\n", "T1,9\nT2,3\n"
	for name, files := range map[string][]string{
		"Line 2 is of the same card, with another balance, which stays: 5.": {head + first + second},
		"The card is there, with another balance, which stays: 5.":          {head + first, head + second},
		"The card is there, with another balance, which stays: 5. ":         {head + first + strings.Repeat("T1,5\n", 6000) + second},
	} {
		s := empty()
		var report told
		var totals moving.Totals
		for _, file := range files {
			var err error
			if report, totals, err = run(t, s, file); err != nil {
				t.Fatal(err)
			}
		}
		differs, same := report[len(report)-2], report[len(report)-1]
		if differs.Result != moving.There || differs.Detail != strings.TrimSpace(name) || same.Result != moving.There || same.Detail != "" || totals.Warned != 1 {
			t.Errorf("%q: %+v, %+v, %+v", name, differs, same, totals)
		}
	}
}

// What was interrupted goes on where it was, however often it is started again.
func TestAgain(t *testing.T) {
	t.Parallel()
	const lines = 5000
	var file strings.Builder
	file.WriteString("ref,balance\n")
	for i := range lines {
		fmt.Fprintf(&file, "card %d,%d\n", i, i%10)
	}
	s := empty()
	stop := errors.New("the power is gone")
	_, first, err := run(t, s, file.String(), func(i *moving.Import) { i.Report = &failing{after: 3000, err: stop} })
	if !errors.Is(err, stop) || first.Lines == 0 || first.Lines == lines {
		t.Fatalf("%+v, %v", first, err)
	}
	kept := len(s.cards)
	_, second, err := run(t, s, file.String())
	if err != nil || second != (moving.Totals{Lines: lines, Stored: lines - kept, There: kept}) {
		t.Errorf("%+v after %d cards, %v", second, kept, err)
	}
}

type failing struct {
	after int
	err   error
}

func (f *failing) Line(moving.Line) error {
	if f.after--; f.after < 0 {
		return f.err
	}
	return nil
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	s := empty()
	s.fail = loyalty.ErrUnavailable
	if _, totals, err := run(t, s, "ref\na\n"); !errors.Is(err, loyalty.ErrUnavailable) || totals.Lines != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	work := newImport(t, empty(), new(told))
	if _, err := work.Run(left, io.MultiReader(strings.NewReader("ref\n"), strings.NewReader(strings.Repeat("a\n", 100_000)))); !errors.Is(err, context.Canceled) {
		t.Errorf("left: %v", err)
	}
}

func FuzzImport(f *testing.F) {
	for _, file := range []string{
		"ref,balance,since\na,3,2024-05-31\n", "\ufeffref;balance\r\n\"a;\"\"b\";3\r\n", "ref\n\"a", "ref\n=1\n", "ref,balance\na,99999999999999999999\n",
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		s := empty()
		report, totals, err := run(t, s, file)
		if err != nil {
			return
		}
		if totals.Stored != len(s.cards) || totals.Lines != len(report) {
			t.Errorf("%+v, %d cards, %d lines", totals, len(s.cards), len(report))
		}
		last := 1
		for _, l := range report {
			if l.Number <= last {
				t.Errorf("line %d after line %d", l.Number, last)
			}
			last = l.Number
		}
		if longest := 1 + strings.Count(file, "\n"); last > longest {
			t.Errorf("line %d of %d", last, longest)
		}
	})
}
