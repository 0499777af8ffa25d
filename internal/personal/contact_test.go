package personal_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// refused holds that an error is about a field, and does not repeat the value.
func refused(t *testing.T, err error, field, value string) {
	t.Helper()
	var wrong *loyalty.FieldError
	if !errors.As(err, &wrong) || wrong.Field != field {
		t.Errorf("%.40q: %v, want an error of %s", value, err, field)
	} else if len(value) > 4 && strings.Contains(wrong.Error(), value) {
		t.Errorf("the error repeats %.40q", value)
	}
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, region, want string }{
		{"+4915112345678", "", "+4915112345678"},
		{" +49 (151) 123-456 78 ", "", "+4915112345678"},
		{"0151 12345678", "DE", "+4915112345678"},
		{"0048 512 345 678", "DE", "+48512345678"},
		{"+48 512 345 678", "DE", "+48512345678"},
		{"512 345 678", "PL", "+48512345678"},
		{"+٤٩١٥١١٢٣٤٥٦٧٨", "", "+4915112345678"}, // other digits
	} {
		if got, err := personal.ParsePhone(tt.text, tt.region); err != nil || got != tt.want {
			t.Errorf("%q in %q: %q, %v, want %q", tt.text, tt.region, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ text, region, field string }{
		{"", "", "phone"},
		{"0151 12345678", "", "phone"},
		{"0049 151 12345678", "", "phone"},
		{"+49151", "", "phone"},
		{"+999 151 12345678", "", "phone"},
		{"+4915112345678;ext=12", "", "phone"},
		{"+" + strings.Repeat("1", 100), "", "phone"},
		{strings.Repeat("1", 100), "DE", "phone"},
		{strings.Repeat("1", 10_000), "DE", "phone"},
		{"0151 12345678", "de", "region"},
		{"0151 12345678", "XX", "region"},
		{"0151 12345678", "001", "region"},
		{"anna", "DE", "phone"},
	} {
		_, err := personal.ParsePhone(tt.text, tt.region)
		refused(t, err, tt.field, tt.text)
	}
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"anna@example.org":           "anna@example.org",
		" Anna.K+Cone@EXAMPLE.Org":   "anna.k+cone@example.org",
		"anna@bücher.example":        "anna@xn--bcher-kva.example",
		"anna@BÜCHER.example":        "anna@xn--bcher-kva.example",
		"anna@xn--bcher-kva.example": "anna@xn--bcher-kva.example",
		"o'neil@example.org":         "o'neil@example.org",
	} {
		if got, err := personal.ParseEmail(text); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, bad := range []string{
		"", "anna", "@example.org", "anna@", "anna@example", "anna@@example.org", "anna@example.org.", "anna@.org",
		"anna@exa mple.org", "an na@example.org", "anna.@example.org", ".anna@example.org", "an..na@example.org",
		`"anna"@example.org`, "änna@example.org", "anna@-example.org", "anna@example..org", "anna@[127.0.0.1]",
		"anna@example.org\n\rBcc: all@example.org", "<anna@example.org>", "anna@example.org,b@example.org", "anna\x00@example.org",
		strings.Repeat("a", 65) + "@example.org", "anna@" + strings.Repeat("a", 64) + ".org",
		"anna@" + strings.Repeat("a.", 130) + "org", strings.Repeat("a", 50_000),
	} {
		_, err := personal.ParseEmail(bad)
		refused(t, err, "email", bad)
	}
}

func TestParseLines(t *testing.T) {
	t.Parallel()
	if got, err := personal.ParseName("  Анна-Мария Kowalska  "); err != nil || got != "Анна-Мария Kowalska" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := personal.ParseExternalID(strings.Repeat("ż", 100)); err != nil || got != strings.Repeat("ż", 100) {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "  ", "two\nlines", "NUL\x00NUL", "\xff\xfe\xfd\xfc\xfb", strings.Repeat("x", 201)} {
		_, err := personal.ParseName(bad)
		refused(t, err, "name", bad)
		_, err = personal.ParseExternalID(bad)
		refused(t, err, "external_id", bad)
	}
}

func TestParseLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"de": "de", "PT-br": "pt-BR", "zh-Hant": "zh-Hant", "en_GB": "en-GB"} {
		if got, err := personal.ParseLanguage(text); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "x", "deutsch!", "und", "12", strings.Repeat("x", 36), "de\x00"} {
		_, err := personal.ParseLanguage(bad)
		refused(t, err, "language", bad)
	}
}

// A contact has one spelling: reading it again changes nothing.
func FuzzContacts(f *testing.F) {
	for _, seed := range [][2]string{
		{"+49 151 12345678", ""}, {"0151 12345678", "DE"}, {"Anna@Bücher.example", ""}, {"\xff@\xff", "PL"}, {"tel:+1-212-555-0101;phone-context=x", "US"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		if phone, err := personal.ParsePhone(text, region); err == nil {
			again, err := personal.ParsePhone(phone, "")
			if err != nil || again != phone || phone[0] != '+' || len(phone) > 17 {
				t.Errorf("%q in %q is %q, and that is %q, %v", text, region, phone, again, err)
			}
		}
		if email, err := personal.ParseEmail(text); err == nil {
			again, err := personal.ParseEmail(email)
			if err != nil || again != email || len(email) > 254 || strings.ToLower(email) != email {
				t.Errorf("%q is %q, and that is %q, %v", text, email, again, err)
			}
		}
		if id, err := personal.ParseExternalID(text); err == nil && (!utf8.ValidString(id) || utf8.RuneCountInString(id) > 100) {
			t.Errorf("%q is %q", text, id)
		}
	})
}
