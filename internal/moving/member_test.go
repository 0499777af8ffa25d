package moving_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stempel/internal/loyalty"
	"stempel/internal/loyalty/loyaltytest"
	"stempel/internal/moving"
	"stempel/internal/personal"
)

// oneKey is a keyring of one key.
type oneKey byte

func (k oneKey) Current(time.Time) (string, []byte) { return "k01", k.All()[0] }
func (k oneKey) Find(kid string) ([]byte, bool)     { return k.All()[0], kid == "k01" }
func (k oneKey) All() [][]byte                      { return [][]byte{bytes.Repeat([]byte{byte(k)}, 32)} }

func box() *personal.Box { return personal.NewBox(oneKey(1), oneKey(2)) }

// known opens every member of a shelf, by phone, else e-mail, else external id.
func (s *shelf) known(t *testing.T) map[string]personal.Profile {
	t.Helper()
	all := map[string]personal.Profile{}
	for _, m := range s.members {
		p, err := box().OpenMember(&m)
		if err != nil {
			t.Fatal(err)
		}
		all[p.Contacts()[0].Value] = p
	}
	return all
}

const (
	annas = "+4915112345678"
	bens  = "+48601234567"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, want string
		members          int
	}{
		{"with a card", "ref,balance,phone,email,name\na,3,+49 151 12345678,Anna@Example.org,Anna\n", "2 a stored ", 1},
		{"without a card", "phone,name\n+4915112345678,Anna\n", "2  stored ", 1},
		{"some with, some without", "ref,phone\na,+4915112345678\nb,\n", "2 a stored \n3 b stored ", 1},
		{"two cards of one", "ref,phone\na,+4915112345678\nb,+49 (151) 123-45678\n", "2 a stored \n3 b stored ", 1},
		{"one known by two", "ref,phone,email\na,+4915112345678,a@example.org\nb,,A@EXAMPLE.ORG\n", "2 a stored \n3 b stored ", 1},
		{"twice", "phone,external_id\n+4915112345678,\n+4915112345678,\n", "2  stored \n3  there ", 1},
		{"grown", "phone,external_id\n+4915112345678,\n+4915112345678,7\n,7\n", "2  stored \n3  stored \n4  there ", 1},
		{"a card that is there", "ref,phone\na,+4915112345678\na,+48601234567\n", "2 a stored \n3 a there ", 1},
		{
			"contacts of two", "ref,phone,email\na,+4915112345678,\nb,,b@example.org\nc,+4915112345678,b@example.org\n",
			"2 a stored \n3 b stored \n4 c refused email", 2,
		},
		{
			"another contact of one", "ref,phone,email\na,+4915112345678,a@example.org\nb,+4915112345678,b@example.org\n",
			"2 a stored \n3 b refused email", 1,
		},
		{
			"the other way round", "ref,phone,email\na,+4915112345678,a@example.org\nb,+48601234567,a@example.org\n",
			"2 a stored \n3 b refused phone", 1,
		},
		{"semicolons, CRLF and a byte order mark", "\ufeffref;phone;name\r\na;+4915112345678;Anna\r\n", "2 a stored ", 1},
		{"an apostrophe before +", "ref,phone\na,'+4915112345678\n", "2 a stored ", 1},
		{"a national number", "ref,phone\na,0151 12345678\n", "2 a refused phone", 0},
		{"100 characters", "ref,phone\na,+" + strings.Repeat("4", 99) + "\n", "2 a refused phone", 0},
		{"no number", "ref,phone\na,ask her\nb,+1\nc,+49+15112345678\n", "2 a refused phone\n3 b refused phone\n4 c refused phone", 0},
		{"a rounded number", "ref,phone\na,4.91511E+12\nb,+4.91511E+12\n", "2 a refused phone\n3 b refused phone", 0},
		{
			"formulas", "ref,phone,email,name,external_id\na,=1+1,,,\nb,@SUM(A1),,,\nc,,=cmd@example.org,,\nd,,,=HYPERLINK(),1\ne,,,,+1\nf,,,-1,1\n",
			"2 a refused phone\n3 b refused phone\n4 c refused email\n5 d refused name\n6 e refused external_id\n7 f refused name", 0,
		},
		{"no address", "ref,email\na,anna\nb,a@b\nc,a b@example.org\nd," + strings.Repeat("a", 300) + "@example.org\n", "2 a refused email\n3 b refused email\n4 c refused email\n5 d refused email", 0},
		{"a rounded id", "external_id\n4.00638E+12\n", "2  refused external_id", 0},
		{"a long name", "phone,name\n+4915112345678," + strings.Repeat("n", 201) + "\n", "2  refused name", 0},
		{"a language", "phone,language\n+4915112345678,pt-br\n+48601234567,deutsch!\n", "2  stored \n3  refused language", 1},
		{"Latin-1", "phone,name\n+4915112345678,M\xfcller\n", "2  refused line", 0},
		{"torn in a phone", "ref,phone\na,+4915112345678\nb,+4915", "2 a stored \n3 b refused phone", 1},
		{"nobody", "phone,name\n,Anna\n,\n", "2  refused ref\n3  refused ref", 0},
		{"a card and somebody who cannot be found", "ref,phone,name\na,,Anna\n", "2 a refused name", 0},
		{"a balance without a card", "phone,balance\n+4915112345678,3\n", "2  refused ref", 0},
		{"no ref in its column", "ref,phone\n,+4915112345678\n", "2  refused ref", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := empty()
			report, totals, err := run(t, s, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if got := report.lines(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if len(s.known(t)) != tt.members {
				t.Errorf("%d members: %+v", len(s.members), s.known(t))
			}
			if again, _, err := run(t, s, tt.file); err != nil || strings.Contains(again.lines(), "stored") || len(s.members) != tt.members {
				t.Errorf("again: %v\n%s, %d members", err, again.lines(), len(s.members))
			}
			for _, l := range report {
				if l.Result == moving.Refused && (!l.Card.IsZero() || !l.Member.IsZero() || l.Detail == "") {
					t.Errorf("%+v", l)
				}
			}
			if totals.Lines != len(report) {
				t.Errorf("%+v", totals)
			}
		})
	}
}

// A member with several consents stands in several lines, each with the card's ref:
// next to each other, in later batches, or in another file.
func TestConsentsOfOneCard(t *testing.T) {
	t.Parallel()
	const head = "ref,phone,consent,consented_at\n"
	const mail, text = "K1," + annas + ",marketing_email,2024-05-31\n", "K1," + annas + ",marketing_sms,2024-06-01\n"
	var between strings.Builder
	for n := range 6000 {
		fmt.Fprintf(&between, "card %d,,,\n", n)
	}
	for name, files := range map[string][]string{
		"in one batch":     {head + mail + text},
		"in two batches":   {head + mail + between.String() + text},
		"in two files":     {head + mail, head + text},
		"the file again":   {head + mail + text, head + mail + text},
		"with an e-mail":   {"ref,phone,email,consent,consented_at\nK1," + annas + ",a@example.org,marketing_email,2024-05-31\nK1,,a@example.org,marketing_sms,2024-06-01\n"},
		"after a torn one": {head + mail + "K1," + annas + ",marketing_sms,", head + text},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := empty()
			for _, file := range files {
				if _, _, err := run(t, s, file); err != nil {
					t.Fatal(err)
				}
			}
			var purposes []string
			for _, c := range s.consents {
				purposes = append(purposes, c.Purpose)
			}
			if !slices.Equal(purposes, []string{"marketing_email", "marketing_sms"}) || len(s.members) != 1 {
				t.Errorf("%d members, consents to %v", len(s.members), purposes)
			}
		})
	}
	s := empty() // an erased member's card is there
	if _, _, err := run(t, s, "ref\nK1\n"); err != nil {
		t.Fatal(err)
	}
	report, _, err := run(t, s, head+mail)
	if err != nil || report.lines() != "2 K1 there " || !strings.Contains(report[0].Detail, "consent was not taken") || len(s.members)+len(s.consents) > 0 {
		t.Errorf("erased: %+v, %v; %d members", report, err, len(s.members))
	}
}

// What is known of a member grows, and is never replaced.
func TestWhoMembersAre(t *testing.T) {
	t.Parallel()
	s := empty()
	report, _, err := run(t, s, "ref,phone,email,name,external_id,language\n"+
		"a,0151 12345678,,Anna,,\n"+
		"b,0151/12345678,Anna@Example.org,Anne,C-7,de\n"+
		"c,,anna@example.org,,,\n"+
		"d,+48 601 234 567,,Ben,,pl\n", func(i *moving.Import) { i.Region = "DE" })
	if err != nil {
		t.Fatal(err)
	}
	anna := personal.Profile{Name: "Anna", Phone: annas, Email: "anna@example.org", ExternalID: "C-7", Language: "de"}
	ben := personal.Profile{Name: "Ben", Phone: bens, Language: "pl"}
	if got := s.known(t); len(got) != 2 || !same(got[annas], anna) || !same(got[bens], ben) {
		t.Errorf("%+v", got)
	}
	for i, want := range []int{0, 0, 0, 3} {
		if owner := s.owners[report[i].Card]; owner != report[want].Member || owner.IsZero() {
			t.Errorf("line %d: of %s, want %s", i, owner, report[want].Member)
		}
	}
	if !strings.Contains(report[1].Detail, "another name") || report[0].Detail != "" {
		t.Errorf("%q and %q", report[0].Detail, report[1].Detail)
	}
}

func same(a, b personal.Profile) bool {
	return slices.Equal(a.Contacts(), b.Contacts()) && a.Name == b.Name && a.Language == b.Language
}

func TestConsents(t *testing.T) {
	t.Parallel()
	s := empty()
	file := "phone,consent,consented_at,wording,wording_version\n" +
		annas + ",marketing_email,2024-05-31,\"Yes,\nwrite to me.\",v1\n" +
		annas + ",marketing_email,2024-05-31T00:00:00Z,,\n" + // the same one
		annas + ",profiling,2024-06-01,,\n" +
		annas + ",,,,\n" +
		bens + ",marketing_email,,,\n" +
		bens + ",,2024-05-31,,\n" +
		bens + ",Marketing,2024-05-31,,\n" +
		bens + ",marketing_email,2124-05-31,,\n" +
		bens + ",marketing_email,2024-05-31," + strings.Repeat("w", 4001) + ",\n" +
		bens + ",marketing_email,2024-05-31,=1,\n"
	for range 2 {
		report, _, err := run(t, s, file)
		if err != nil {
			t.Fatal(err)
		}
		want := "7  refused consented_at\n8  refused consent\n9  refused consent\n10  refused consented_at\n11  refused wording\n12  refused wording"
		if got := report.lines(); !strings.HasSuffix(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	if len(s.consents) != 2 || len(s.members) != 1 {
		t.Fatalf("%d consents, %d members", len(s.consents), len(s.members))
	}
	first := s.consents[0]
	shown, err := box().OpenConsent(loyaltytest.Merchant, &first)
	if err != nil || shown != (personal.Shown{Wording: "Yes,\nwrite to me.", Version: "v1", Source: "moved in"}) {
		t.Errorf("%+v, %v", shown, err)
	}
	if !first.Given || first.Purpose != "marketing_email" || !first.At.Equal(time.Date(2024, 5, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", first)
	}
	if taken := loyalty.ConsentID(loyalty.NewID()); first.ID.Compare(s.consents[1].ID) >= 0 || s.consents[1].ID.Compare(taken) >= 0 {
		t.Error("consents do not sort by when they were given")
	}
}

// A file of cards needs a program, one of members does not.
func TestWithoutAProgram(t *testing.T) {
	t.Parallel()
	alone := func(i *moving.Import) { i.Program = nil }
	if _, _, err := run(t, empty(), "ref,phone\na,"+annas+"\n", alone); err == nil {
		t.Error("cards of no program")
	}
	s := empty()
	if _, totals, err := run(t, s, "phone\n"+annas+"\n", alone); err != nil || totals.Stored != 1 || len(s.members) != 1 {
		t.Errorf("%+v, %v", totals, err)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := empty()
	rows := []moving.Cells{
		{Ref: "a", Balance: "13", Phone: annas, Name: "Anna"},
		{Ref: "b", Balance: "x"},
		{Phone: annas},
		{},
	}
	var lines told
	page := func(to moving.Store) {
		t.Helper()
		work := newImport(t, to, nil)
		answer, err := work.Page(t.Context(), loyalty.Answer{}, rows, func(all []moving.Line) (loyalty.Answer, error) {
			lines = all
			return loyalty.Answer{Status: 200}, nil
		})
		if err != nil || answer.Status != 200 {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	const first = "1 a stored \n2 b refused balance\n3  there \n4  refused ref"
	page(moving.DryRun(s))
	if lines.lines() != first || len(s.cards)+len(s.members) > 0 {
		t.Errorf("dry run: %d cards\n%s", len(s.cards), lines.lines())
	}
	page(s)
	if lines.lines() != first || len(s.cards) != 1 || len(s.members) != 1 {
		t.Errorf("%d cards\n%s", len(s.cards), lines.lines())
	}
	page(s)
	if want := strings.Replace(first, "1 a stored", "1 a there", 1); lines.lines() != want {
		t.Errorf("again\n%s", lines.lines())
	}
}

// Whatever stands in the columns, a row is refused in a known one or can be found
// again.
func FuzzMembers(f *testing.F) {
	f.Add("a", "3", "2024-05-31", "Anna", annas, "a@example.org", "7", "de", "marketing_email", "2024-05-31", "Yes", "v1")
	f.Add("=1", "", "", "\x00", "'"+annas, "\xff@", "4.0E+12", "-", "", "0001-01-01", "", "")
	f.Add("", "", "", "", "0151 12345678", "", "", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, ref, balance, since, name, phone, email, externalID, language, consent, at, wording, version string) {
		s := empty()
		work := newImport(t, s, nil)
		work.Region = "DE"
		row := moving.Cells{
			Ref: ref, Balance: balance, Since: since, Name: name, Phone: phone, Email: email, ExternalID: externalID,
			Language: language, Consent: consent, ConsentedAt: at, Wording: wording, WordingVersion: version,
		}
		_, err := work.Page(t.Context(), loyalty.Answer{}, []moving.Cells{row}, func(lines []moving.Line) (loyalty.Answer, error) {
			l := lines[0]
			stored := l.Result == moving.Stored
			if stored == (l.Field != "") || stored == (l.Card.IsZero() && l.Member.IsZero()) || len(l.Detail) > 300 {
				t.Errorf("%+v", l)
			}
			return loyalty.Answer{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for contact, p := range s.known(t) {
			if !strings.HasPrefix(contact, p.Contacts()[0].Value) || len(s.consents) > 0 && s.consents[0].Purpose != consent {
				t.Errorf("%+v", p)
			}
		}
	})
}
